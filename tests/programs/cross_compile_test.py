#!/usr/bin/env python3
"""Code for a machine is the same wherever it is made.

Has this build of swoop and one for another machine, which SWOOP_OTHER_MACHINE names, list the code
of real modules for both machines, and compares: every instruction, constant, trap and call.
"""

import functools
import hashlib
import os
import pathlib
import sys

import suites

TARGETS = ('x86_64', 'aarch64')
# The largest that is listed: an emulated listing takes seconds for a megabyte.
MAX_BYTES = 400_000


def listing(swoop, target, module):
    result = suites.run([swoop, 'disasm', '--target', target, '--cpu', 'baseline', str(module)])
    if result.returncode == 0 and result.stderr:
        raise suites.Failure(f'{swoop}: {result.stderr.decode(errors="replace").strip()}')
    return result


def compare(swoop, other, module):
    for target in TARGETS:
        here, there = (listing(command, target, module) for command in (swoop, other))
        suites.check_exit(here, there.returncode)
        suites.check_equal(f'{target}: what is refused', here.stderr, there.stderr)
        suites.check_equal(f'{target}: code', here.stdout, there.stdout)


def main():
    swoop = str(pathlib.Path(sys.argv[1]).resolve())
    other = os.environ.get('SWOOP_OTHER_MACHINE')
    if not other:
        print('SKIPPED: set SWOOP_OTHER_MACHINE to a swoop that is built for another machine')
        sys.exit(1 if os.environ.get('CI') == 'true' else suites.SKIPPED)
    corpus = suites.find_suite('corpus', 'SWOOP_CORPUS', 'tests/programs/corpus')
    modules = {}  # several files may have the same bytes
    for module in sorted(corpus.glob('*.wasm')):
        if module.stat().st_size <= MAX_BYTES:
            modules.setdefault(hashlib.sha256(module.read_bytes()).digest(), module)
    sys.exit(suites.run_cases('cross_compile', {
        module.name: functools.partial(compare, swoop, other, module)
        for module in modules.values()}))


main()
