"""Runs the cases of the suite of real WASI programs. usage: apps_test.py SWOOP"""

import functools
import hashlib
import json
import pathlib
import shutil
import sys
import tempfile

import suites


def run_case(swoop, suite, case):
    wasm = suite / case['wasm']
    with tempfile.TemporaryDirectory() as scratch:
        command = [swoop, 'run']
        if 'argv0' in case:
            command += ['--argv0', case['argv0']]
        for key, value in case.get('env', {}).items():
            command += ['--env', f'{key}={value}']
        mounts = {}
        for number, (source, guest) in enumerate(case.get('dirs', [])):
            host = pathlib.Path(scratch) / str(number)
            if source == '@empty':
                host.mkdir()
            else:
                shutil.copytree(suite / source, host)
            mounts[guest.strip('/')] = host
            command += ['--dir', f'{host}::{guest}']
        stdin = (suite / case['stdin']).read_bytes() if 'stdin' in case else None

        result = suites.run(command + [str(wasm)] + case.get('args', []), stdin=stdin)
        suites.check_exit(result, case['exit'])
        expected = wasm.parent / (case['name'] + '.stdout')
        if expected.exists():
            suites.check_equal('stdout', result.stdout, expected.read_bytes())
        for path, digest in case.get('out_sha256', {}).items():
            mount, file = path.split('/', 1)
            written = mounts[mount] / file
            if not written.exists():
                raise suites.Failure(f'{path} was not written')
            if hashlib.sha256(written.read_bytes()).hexdigest() != digest:
                raise suites.Failure(f'{path} has other contents')


def main():
    swoop = str(pathlib.Path(sys.argv[1]).resolve())
    suite = suites.find_suite('apps', 'SWOOP_APPS', 'tests/programs/apps')
    cases = json.loads((suite / 'cases.json').read_text())
    sys.exit(suites.run_cases('apps', {
        case['name']: functools.partial(run_case, swoop, suite, case) for case in cases}))


main()
