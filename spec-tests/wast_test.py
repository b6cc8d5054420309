"""Runs the scripts of the official suite. usage: wast_test.py SWOOP MODE [--in-parts], where MODE
is plain, round-trip, poison or explicit-bounds. In parts, a process runs only scripts whose names
begin alike: qemu keeps notes of every page that a process has ever reserved, which makes 12 GiB.

Fails for every failure that expected_failures.txt does not excuse, for rows of it that excuse
nothing, and for every file of which not exactly the commands were run that counts.tsv has."""

import collections
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


def run(swoop, root, options, stderr=None):
    """The report, and whether it has only failures that are expected, and all of these."""
    result = subprocess.run([swoop, 'wast', '--json', '--expect', suite.EXPECTED_FAILURES,
                             *options, root], stdout=subprocess.PIPE, stderr=stderr, timeout=600)
    if result.returncode not in (0, 1):
        sys.exit(f'swoop wast ended with exit code {result.returncode}')
    return json.loads(result.stdout), result.returncode == 0


def run_in_parts(swoop, root, options):
    initials = sorted({script.name[0] for script in root.rglob('*.wast')})
    files, total, untried, good = [], collections.Counter(), None, True
    for initial in initials:
        # Expectations of several files may find nothing in one part: the failures count.
        part_options = [*options, '--filter', initial + '*']
        report, _ = run(swoop, root, part_options, subprocess.DEVNULL)
        part = report['total']
        if part['failed'] != part['expected_failures']:
            good = False
            run(swoop, root, part_options)  # to see them
        files += report['files']
        total.update({key: value for key, value in part.items() if isinstance(value, (int, float))})
        globs = set(part['untried_expectations'])
        untried = globs if untried is None else untried & globs
    return {'files': files, 'total': {**total, 'untried_expectations': sorted(untried)}}, good


def main():
    swoop, mode = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    root = suite.find()
    run_all = run_in_parts if '--in-parts' in sys.argv[3:] else run
    report, good = run_all(swoop, root, MODES[mode])
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
    sys.exit(0 if good and not wrong else 1)


main()
