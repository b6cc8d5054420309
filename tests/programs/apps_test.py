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


# The program lists "/". What Wasmer's tests in Go expect of it, with the virtual root that Wasmer
# always has: the one directory that was mapped.
def list_virtual_root(swoop, suite):
    with tempfile.TemporaryDirectory() as host:
        result = suites.run([swoop, 'run', '--virtual-root', '--argv0', 'test-program',
                             '--env', 'COLOR=true', '--env', 'APP_SHOULD_LOG=false',
                             '--dir', f'{host}::the_host_current_directory',
                             str(suite / 'wasmer-go-wasi/wasi.wasm'), '--test'])
    suites.check_exit(result, 0)
    suites.check_equal('stdout', result.stdout, b"""Found program name: `test-program`
Found 1 arguments: --test
Found 2 environment variables: APP_SHOULD_LOG=false, COLOR=true
Found 1 preopened directories: DirEntry("/the_host_current_directory")
""")


def main():
    swoop = str(pathlib.Path(sys.argv[1]).resolve())
    suite = suites.find_suite('apps', 'SWOOP_APPS', 'tests/programs/apps')
    cases = json.loads((suite / 'cases.json').read_text())
    tests = {case['name']: functools.partial(run_case, swoop, suite, case) for case in cases}
    tests['virtual-root'] = functools.partial(list_virtual_root, swoop, suite)
    sys.exit(suites.run_cases('apps', tests))


main()
