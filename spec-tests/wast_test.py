"""Runs the scripts of the official suite. usage: wast_test.py SWOOP MODE, where MODE is plain,
round-trip, poison or explicit-bounds.

Fails for every failure that expected_failures.txt does not excuse, for rows of it that excuse
nothing, and for every file of which not exactly the commands were run that counts.tsv has."""

import json
import pathlib
import subprocess
import sys

import suite

MODES = {
    'plain': [],
    'round-trip': ['--round-trip'],
    'poison': ['--poison'],
    'explicit-bounds': ['--explicit-bounds'],
}


def check_counts(root, files):
    """What is wrong with the numbers of commands and assertions, as lines."""
    has_extra = (root / 'extra').is_dir()
    expected = {name: row for name, row in suite.counts().items()
                if has_extra or not name.startswith('extra/')}
    actual = {file['name']: file for file in files}
    for name in sorted(expected.keys() - actual.keys()):
        yield f'{name}: missing in {root}'
    for name in sorted(actual.keys() - expected.keys()):
        yield f'{name}: not in counts.tsv'
    for name in sorted(expected.keys() & actual.keys()):
        file, row = actual[name], expected[name]
        for what in ('commands', 'assertions'):
            if file[what] != row[what]:
                yield f'{name}: {file[what]} {what}, but counts.tsv has {row[what]}'
        if file['passed'] + file['failed'] + file['skipped'] != file['commands']:
            yield f'{name}: commands are neither passed nor failed nor skipped'


def main():
    swoop, mode = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    root = suite.find()
    result = subprocess.run([swoop, 'wast', '--json', '--expect', suite.EXPECTED_FAILURES,
                             *MODES[mode], root], stdout=subprocess.PIPE, timeout=600)
    if result.returncode not in (0, 1):
        sys.exit(f'swoop wast ended with exit code {result.returncode}')
    report = json.loads(result.stdout)
    total = report['total']

    wrong = list(check_counts(root, report['files']))
    for glob in total['untried_expectations']:
        if not glob.startswith('extra/') or (root / 'extra').is_dir():
            wrong.append(f'expected_failures.txt: no file is named {glob}')
    for line in wrong:
        print(line, file=sys.stderr)
    print(f'{mode}: {total["files"]} files, {total["commands"]} commands, '
          f'{total["assertions"]} assertions: {total["passed"]} passed, '
          f'{total["expected_failures"]} failed as expected, '
          f'{total["failed"] - total["expected_failures"]} failed; '
          f'{total["wall_ms"] / 1000:.1f} s')
    sys.exit(1 if wrong or result.returncode else 0)


main()
