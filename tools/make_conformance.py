#!/usr/bin/env python3
"""Writes docs/CONFORMANCE.md: what of the official suite passes, by group and mode, and what is
missing for the rest. usage: make_conformance.py [MACHINE=SWOOP...] [-o FILE]

Runs `swoop wast --json` on the whole suite once for each machine and mode. The groups are those of
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
on {machines}; do not edit. The failures are in
[expected_failures.txt](../spec-tests/expected_failures.txt) with their reasons, and any other
failure fails the tests.

The suite is that of <https://github.com/WebAssembly/testsuite>, at the commit that
`spec-tests/fetch` names; groups that begin with `extra:` are scripts of other repositories. Cells
are the commands that pass of all commands, in each of these modes; where modes differ, each has its
own number:

- *plain*: `swoop wast SUITE`;
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


def passing(runs, names):
    """What passes of some files, in all modes of a machine."""
    commands = sum(runs['plain'][name]['commands'] for name in names)
    cells = {}
    for mode, files in runs.items():
        passed = sum(files[name]['passed'] for name in names)
        cells[mode] = 'all' if passed == commands else f'{passed} of {commands}'
    if len(set(cells.values())) == 1:
        return cells['plain']
    return ', '.join(f'{mode} {cell}' for mode, cell in cells.items())


def table(machines, counts):
    """Rows of Markdown: one for each group, then the sums."""
    plain = next(iter(machines.values()))['plain']
    groups = collections.defaultdict(list)
    for name in plain:
        groups[group_of(name, counts)].append(name)

    def rank(group):
        return (ORDER.index(group) if group in ORDER else len(ORDER), group)

    def row(title, names):
        commands = sum(plain[name]['commands'] for name in names)
        missing = collections.Counter()
        for name in names:
            missing.update(plain[name]['causes'])
        cells = [title, str(len(names)), str(commands),
                 *(passing(runs, names) for runs in machines.values()),
                 ', '.join(f'{what} {count}' for what, count in missing.most_common())]
        return '| ' + ' | '.join(cells) + ' |'

    yield f'| group | files | commands | {" | ".join(machines)} | missing, commands |'
    yield '|' + '---|' * (len(machines) + 4)
    for group in sorted(groups, key=rank):
        yield row(group, groups[group])
    yield row('**sum**', list(plain))


def cpu_model():
    try:
        lines = pathlib.Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        return platform.machine()
    models = (line.partition(':')[2].strip() for line in lines if line.startswith('model name'))
    return next(models, platform.machine())


def main():
    parser = argparse.ArgumentParser(description='Writes docs/CONFORMANCE.md.')
    parser.add_argument('machines', metavar='MACHINE=SWOOP', nargs='*', default=[
        f'x86-64, {cpu_model()}=build/release/cli/swoop',
        'AArch64, emulated=build/aarch64/cli/swoop-emulated'],
        help='a name, and the command to run (default: what ./x builds for both machines)')
    parser.add_argument('-o', '--output', default=ROOT / 'docs' / 'CONFORMANCE.md',
                        type=pathlib.Path)
    arguments = parser.parse_args()
    root = suite.find()

    machines = {}
    for machine in arguments.machines:
        name, _, swoop = machine.partition('=')
        swoop = str(ROOT / swoop)
        machines[name] = {mode: run(swoop, root, options) for mode, options in MODES.items()}
    plain = next(iter(machines.values()))['plain'].values()
    other = sum(file['other_messages'] for file in plain)
    text = HEAD.format(date=datetime.date.today(), machines=' and '.join(machines))
    machines = {name.partition(',')[0]: runs for name, runs in machines.items()}
    text += '\n'.join(table(machines, suite.counts())) + '\n'
    text += (f'\nOf the modules that are refused as the suite wants, {other} are refused with another\n'
             'message than the reference interpreter gives; these messages are not part of the\n'
             'specification.\n')
    arguments.output.write_text(text)


main()
