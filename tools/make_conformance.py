#!/usr/bin/env python3
"""Writes docs/CONFORMANCE.md: what of the official suite passes, by group and mode, and what is
missing for the rest. usage: make_conformance.py SWOOP [-o FILE]

Runs `swoop wast --json` on the whole suite once for each mode. The groups are those of
spec-tests/counts.tsv; a file that is not there is in the group of its folder.
"""

import argparse
import collections
import datetime
import json
import pathlib
import platform
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / 'spec-tests'))
import suite  # noqa: E402  (found by the line above)

MODES = {
    'plain': [],
    'round trip': ['--round-trip'],
    'poison': ['--poison'],
    'explicit bounds': ['--explicit-bounds'],
}
# The order of the specification's history; groups that are not here follow.
ORDER = ['core', 'reference-types', 'bulk-memory', 'simd', 'relaxed-simd', 'tail-call',
         'function-references', 'function-references+tail-call', 'gc', 'exceptions',
         'multi-memory', 'memory64', 'annotations', 'custom-annotations', 'legacy-exceptions']

HEAD = """# Conformance

What of the official test suite passes. Written by `tools/make_conformance.py` on {date},
{cpu}; do not edit. The failures are in
[expected_failures.txt](../spec-tests/expected_failures.txt) with their reasons, and any other
failure fails the tests.

The suite is that of <https://github.com/WebAssembly/testsuite>, at the commit that
`spec-tests/fetch` names; groups that begin with `extra:` are scripts of other repositories. Cells
are the commands that pass of all commands. Modes:

- *plain*: `{command}`;
- *round trip*: `--round-trip`, text modules go to binary, to text and to binary again first;
- *poison*: `--poison`, garbage wherever machine code must not look;
- *explicit bounds*: `--explicit-bounds`, without guard pages.

"""


def run(swoop, root, arguments):
    """The files of a run, by name. Failures are what we are here to count."""
    result = subprocess.run([swoop, 'wast', '--json', *arguments, root], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False)
    if result.returncode not in (0, 1):
        sys.exit(f'swoop wast {" ".join(arguments)}: exit code {result.returncode}')
    return {file['name']: file for file in json.loads(result.stdout)['files']}


def group_of(name, counts):
    if name in counts:
        return counts[name]['group']
    return name.rpartition('/')[0] or 'core'


def isa():
    machine = platform.machine()
    return {'x86_64': 'x86-64', 'aarch64': 'AArch64'}.get(machine, machine)


def table(runs, counts):
    """Rows of Markdown: one for each group, then the sums."""
    groups = collections.defaultdict(list)
    for name in runs['plain']:
        groups[group_of(name, counts)].append(name)

    def rank(group):
        return (ORDER.index(group) if group in ORDER else len(ORDER), group)

    def row(title, names):
        cells = [title, str(len(names))]
        for files in runs.values():
            passed = sum(files[name]['passed'] for name in names)
            commands = sum(files[name]['commands'] for name in names)
            cells.append('all' if passed == commands else f'{passed} of {commands}')
        commands = sum(runs['plain'][name]['commands'] for name in names)
        cells.insert(2, str(commands))
        missing = collections.Counter()
        for name in names:
            missing.update(runs['plain'][name]['causes'])
        cells.append(', '.join(f'{what} {count}' for what, count in missing.most_common()))
        return '| ' + ' | '.join(cells) + ' |'

    yield f'| group | files | commands | {" | ".join(f"{isa()}, {mode}" for mode in runs)} | ' \
          'missing, commands |'
    yield '|' + '---|' * (len(runs) + 4)
    for group in sorted(groups, key=rank):
        yield row(group, groups[group])
    yield row('**sum**', list(runs['plain']))


def cpu_model():
    try:
        lines = pathlib.Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        return platform.machine()
    models = (line.partition(':')[2].strip() for line in lines if line.startswith('model name'))
    return next(models, platform.machine())


def main():
    parser = argparse.ArgumentParser(description='Writes docs/CONFORMANCE.md.')
    parser.add_argument('swoop', help='the command to run')
    parser.add_argument('-o', '--output', default=ROOT / 'docs' / 'CONFORMANCE.md',
                        type=pathlib.Path)
    arguments = parser.parse_args()
    root = suite.find()
    swoop = str(pathlib.Path(arguments.swoop).resolve())

    runs = {mode: run(swoop, root, options) for mode, options in MODES.items()}
    plain = runs['plain'].values()
    other = sum(file['other_messages'] for file in plain)
    text = HEAD.format(date=datetime.date.today(), cpu=cpu_model(), command='swoop wast SUITE')
    text += '\n'.join(table(runs, suite.counts())) + '\n'
    text += (f'\nOf the modules that are refused as the suite wants, {other} are refused with another\n'
             'message than the reference interpreter gives; these messages are not part of the\n'
             'specification.\n')
    arguments.output.write_text(text)


main()
