"""Runs every program of bench-wasm and compares its output. usage: bench_wasm_test.py SWOOP"""

import functools
import pathlib
import shutil
import sys
import tempfile

import suites


def run_program(swoop, wasm):
    """In a copy of its own directory, which it sees as "."."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch) / 'program'
        shutil.copytree(wasm.parent, directory)
        result = suites.run([swoop, 'run', '--dir', '.', wasm.name], cwd=directory)
        suites.check_exit(result, 0)
        for what in ('stdout', 'stderr'):
            expected = wasm.with_suffix(f'.{what}.expected')
            if expected.exists():
                suites.check_equal(what, getattr(result, what), expected.read_bytes())


def main():
    swoop = str(pathlib.Path(sys.argv[1]).resolve())
    suite = suites.find_suite('bench-wasm', 'SWOOP_BENCH_WASM', 'bench/bench-wasm')
    programs = sorted(suite.glob('*/*.wasm'))
    if not programs:
        sys.exit(f'no programs in {suite}')
    cases = {str(wasm.relative_to(suite).with_suffix('')): functools.partial(run_program, swoop, wasm)
             for wasm in programs}
    sys.exit(suites.run_cases('bench-wasm', cases))


main()
