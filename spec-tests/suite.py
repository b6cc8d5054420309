"""Where the official test suite is, and what its files hold. Used by the tests and by
tools/make_conformance.py."""

import csv
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
SKIPPED = 77  # Meson's exit code for a test that was skipped
EXPECTED_FAILURES = ROOT / 'spec-tests' / 'expected_failures.txt'


def find():
    """The suite's directory: named by the environment, fetched by the project, or beside it.
    Without one the test ends: skipped, or failed where CI=true."""
    named = os.environ.get('SWOOP_SPEC_TESTSUITE')
    if named:
        places = [pathlib.Path(named)]
    else:
        places = [ROOT / 'spec-tests' / 'testsuite', ROOT.parent / 'shared' / 'spec-testsuite']
    for place in places:
        if place.is_dir():
            return place.resolve()
    print(f'SKIPPED: no test suite: looked in {", ".join(map(str, places))}; spec-tests/fetch '
          'clones it, or set SWOOP_SPEC_TESTSUITE to its directory')
    sys.exit(1 if os.environ.get('CI') == 'true' else SKIPPED)


def counts():
    """{file: {'group', 'assertions', 'commands'}}, of an independent count. Files below extra/ are
    of other repositories, and not part of every copy of the suite."""
    with open(ROOT / 'spec-tests' / 'counts.tsv', newline='') as table:
        return {row['file']: {'group': row['group'], 'assertions': int(row['assertions']),
                              'commands': int(row['commands'])}
                for row in csv.DictReader(table, delimiter='\t')}
