#!/usr/bin/env python3
"""The manual page of the command, of its template and of what the command says about itself.

usage: make_man.py SWOOP TEMPLATE OUTPUT

Options are written once, in cli/options.cc. What cannot be understood ends this, and with it the
build, so that a page is whole or is not made.
"""
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

COLUMN = 34  # where descriptions begin, as cli/options.cc has it
LISTS = ('Positionals:', 'Options:', 'Subcommands:')
MACHINE = 'Machine code:'  # options of several verbs, described once


@dataclass
class Help:
    """What `--help` printed."""
    description: str = ''
    usage: list = field(default_factory=list)
    groups: dict = field(default_factory=dict)  # title to pairs of what to write and what it does
    footer: list = field(default_factory=list)


def parse_help(text):
    parsed = Help()
    description, _, rest = text.partition('Usage: ')
    parsed.description = ' '.join(description.split())
    lines = rest.split('\n')
    while lines and lines[0].strip():
        parsed.usage.append(lines.pop(0).strip())
    if not parsed.description or not parsed.usage:
        sys.exit(f'make_man: this is no help:\n{text}')
    group = None
    while lines:
        line = lines.pop(0)
        if not line.strip():
            group = None
        elif group is not None and line.startswith('  '):
            if lines and lines[0].startswith(' ' * COLUMN):
                name, meaning = line.strip(), lines.pop(0).strip()
            else:
                name, meaning = line[:COLUMN].strip(), line[COLUMN:].strip()
            if not meaning or line[1] != ' ':
                sys.exit(f'make_man: what does this line describe?\n{line}')
            group.append((name, meaning))
        elif re.fullmatch(r'[A-Z][a-z ]*:', line) and not parsed.footer:
            group = parsed.groups.setdefault(line, [])
        else:
            parsed.footer.append(line)
    return parsed


def ask(swoop, *arguments):
    return subprocess.run([swoop, *arguments], check=True, capture_output=True, text=True).stdout


def escape(text):
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return re.sub(r"^(?=[.'])", r'\\&', text, flags=re.M)


def sentences(text):
    """One line each, as manual pages have them."""
    return escape(re.sub(r'(?<=[.;:]) (?=[A-Z])', '\n', ' '.join(text.split())))


def names_of(name):
    """-o,--output FILE: the names, and what is said of their value."""
    words, _, value = name.partition(' ')
    return words.split(','), value


def option(name, meaning, verbs=''):
    """A name as CLI11 writes it, such as --jobs N in [1 - 256]=4 Excludes: --json ..."""
    names, value = names_of(name)
    notes = []
    excluded = re.search(r'\s*Excludes: (\S+)', value)
    if excluded:
        notes.append(f'Not with {excluded[1]}.')
        value = value.replace(excluded[0], '')
    if value.endswith('...'):
        notes.append('May be given several times.')
        value = value.removesuffix('...').rstrip()
    ranged = re.fullmatch(r'(\w+) in \[(\S+) - (\S+)\](?:=(\S+))?', value)
    if ranged:
        value = ranged[1]
        lowest, highest = ranged.group(2, 3)
        notes.insert(0, f'From {lowest} to {highest}' + (f', by default {ranged[4]}.' if ranged[4] else '.'))
    if re.search(r'(?<!:):(UINT|INT|FLOAT|TEXT|BOOLEAN)\b', value):
        sys.exit(f'make_man: what is the value of {name}?')
    if verbs:
        notes.append(f'Of {verbs} only.')
    head = ', '.join(f'\\fB{escape(one)}\\fP' for one in names)
    if value:
        head += f' \\fI{escape(value)}\\fP'
    end = '' if meaning.endswith('.') else '.'
    return '\n'.join(['.TP', head, sentences(meaning) + end, *map(escape, notes)])


def synopsis(usage):
    name, _, rest = usage.partition(' ')
    rest = re.sub(r'[A-Z]{2,}', lambda word: f'\\fI{word[0]}\\fP', escape(rest))
    return f'\\fB{name}\\fP {rest}'


def main():
    swoop, template, output = sys.argv[1:]
    own = parse_help(ask(swoop, '--help'))
    about = '\n'.join(own.footer).partition('Exit codes:')[0]  # which the template describes
    verbs, machine, takers = [], {}, []
    for verb, _ in own.groups['Subcommands:']:
        told = parse_help(ask(swoop, verb, '--help'))
        synopsis_of_verb = f'\\fBswoop\\fP \\fB{verb}\\fP ' + synopsis(
            re.sub(rf'^swoop \[?{verb}\]? ', 'swoop ', told.usage[0])).removeprefix('\\fBswoop\\fP ')
        lines = [f'.SS {verb}', synopsis_of_verb, '.PP', sentences(told.description) + '.']
        for title, group in told.groups.items():
            if title == MACHINE:
                takers.append(verb)
                for described in group:
                    machine.setdefault(described, []).append(verb)
                continue
            if title == 'Positionals:':
                operands = [f'\\fI{name.split()[0]}\\fP: {sentences(meaning)}.' for name, meaning in group]
                lines += ['.PP', *operands]
                continue
            lines += [option(*one) for one in group if one[0] != '-h,--help']
        if told.footer and told.footer != own.footer:
            lines += ['.PP', sentences('\n'.join(told.footer))]
        verbs.append('\n'.join(lines))
    compiler_options = [option(*one, verbs='' if users == takers else ' and '.join(users))
                        for one, users in machine.items()]
    usages = [synopsis(usage) for usage in own.usage]
    contents = {
        'VERSION': escape(ask(swoop, '--version').split()[1]),
        'SYNOPSIS': '\n.br\n'.join(usages),
        'ABOUT': sentences(about),
        'VERBS': '\n'.join(verbs),
        'MACHINE': f'The verbs {", ".join(takers[:-1])} and {takers[-1]} also take these.\n' + '\n'.join(compiler_options),
        'GENERAL': '\n'.join(option(*one) for one in own.groups['Options:']),
    }
    page = re.sub(r'@([A-Z]+)@', lambda word: contents.pop(word[1]), Path(template).read_text(encoding='utf-8'))
    if contents:
        sys.exit(f'make_man: the template has no place for {sorted(contents)}')
    Path(output).write_text(page, encoding='utf-8')


if __name__ == '__main__':
    main()
