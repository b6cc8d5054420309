"""What the tests of real programs have in common: finding a suite, running programs, and comparing
with the failures that are expected (expected_failures.txt)."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77  # Meson's exit code for a test that was skipped


def find_suite(name, variable, fetched):
    """The suite's directory: named by the environment, fetched by the project, or beside it."""
    named = os.environ.get(variable)
    if named:
        places = [pathlib.Path(named)]
    else:
        places = [ROOT / fetched, ROOT.parent / 'shared' / name]
    for place in places:
        if place.is_dir():
            return place.resolve()
    print(f'SKIPPED: no {name}: looked in {", ".join(map(str, places))}; '
          f'set {variable} to its directory')
    sys.exit(1 if os.environ.get('CI') == 'true' else SKIPPED)


class Failure(Exception):
    """Why a program did not do what it should."""


def run(command, cwd=None, stdin=None, timeout=300):
    """Runs a command with no environment but PATH."""
    environment = {'PATH': os.environ.get('PATH', '')}
    try:
        return subprocess.run(command, cwd=cwd, capture_output=True, timeout=timeout,
                              env=environment,
                              **({'input': stdin} if stdin is not None else
                                 {'stdin': subprocess.DEVNULL}))
    except subprocess.TimeoutExpired:
        raise Failure(f'still running after {timeout} s') from None


def check_equal(what, actual, expected):
    if actual == expected:
        return
    at = next((i for i, (a, b) in enumerate(zip(actual, expected)) if a != b),
              min(len(actual), len(expected)))
    raise Failure(f'{what} differs at byte {at}: {actual[max(0, at - 40):at + 40]!r}, '
                  f'expected {expected[max(0, at - 40):at + 40]!r}')


def check_exit(result, expected):
    if result.returncode != expected:
        message = result.stderr.decode(errors='replace').strip()
        raise Failure(f'exit code {result.returncode}, expected {expected}: {message}')


def expected_failures(suite):
    """{name: (text of the failure, reason)} of a suite's lines."""
    failures = {}
    for line in (pathlib.Path(__file__).parent / 'expected_failures.txt').read_text().splitlines():
        if not line.strip() or line.startswith('#'):
            continue
        name, text, reason = (part.strip() for part in line.split('|'))
        if name.startswith(suite + '/'):
            failures[name.removeprefix(suite + '/')] = (text, reason)
    return failures


def run_cases(suite, cases):
    """Runs {name: function that may raise Failure}; prints what failed, and what was expected to.
    Returns the exit code: an unexpected pass is a failure too."""
    expected = expected_failures(suite)
    stale = sorted(set(expected) - set(cases))
    for name in stale:
        print(f'FAILED  {name}: expected to fail, but there is no such program')

    def attempt(name):
        try:
            cases[name]()
            return None
        except Failure as failure:
            return str(failure)

    passed, refused, failed = 0, [], len(stale)
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, failure in zip(cases, pool.map(attempt, cases)):
            text, reason = expected.get(name, (None, None))
            if failure is None and text is None:
                passed += 1
            elif failure is None:
                failed += 1
                print(f'FAILED  {name}: passes, but is expected to fail ({reason})')
            elif text is not None and text in failure:
                refused.append((name, text, reason))
            else:
                failed += 1
                print(f'FAILED  {name}: {failure}')
    for name, text, reason in refused:
        print(f'refused {name}: {text} ({reason})')
    print(f'{suite}: {passed} passed, {len(refused)} refused as expected, {failed} failed')
    return 1 if failed else 0
