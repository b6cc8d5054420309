"""The command `differential` itself: it must see what is wrong. usage: differential_test.py
COMMAND... (swoop, under an emulator maybe)"""

import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SWOOP = [str(pathlib.Path(word).resolve()) if pathlib.Path(word).is_file() else word
         for word in sys.argv[1:]]
sys.argv[1:] = []
# Swoop with something wrong in each.
LIES = "sys.stdout.write(result.stdout.replace('(i32.const 5)', '(i32.const 6)'))"
DIES = 'os.abort()'
DIES_OF_TWO = "pathlib.Path(sys.argv[-1], '000001.wast').exists() and os.abort()\n" + LIES
REFUSES = '''
print(sys.argv[-1] + '/000000.wast:1:1: module failed: unsupported: this', file=sys.stderr)
for line in result.stdout.splitlines():
    place, _, _ = line.partition(': ')
    is_call = '.wast:' in place
    print(place + ': invoke failed' if is_call else line, file=(sys.stdout, sys.stderr)[is_call])'''


class Differential(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def wrong(self, what):
        file = self.scratch / 'wrong.py'
        file.write_text('import os, pathlib, subprocess, sys\n'
                        'result = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n' +
                        what + '\n')
        return f'wrong={shlex.join([sys.executable, str(file), *SWOOP])}'

    def run_with(self, *engines, code, options=('--only', 'i32.eqz')):
        command = [sys.executable, HERE / 'differential', '--kind', 'single', '--modes', 'guard']
        for engine in engines:
            command += ['--engine', engine]
        result = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout

    right = f'right={shlex.join(SWOOP)}'

    def test_engines_that_agree(self):
        self.assertIn('1 cases, 0 differences', self.run_with(self.right, self.right, code=0))

    def test_a_wrong_result_is_shown_with_what_repeats_it(self):
        keep = self.scratch / 'keep'
        told = self.run_with(self.right, self.wrong(LIES), code=1,
                             options=('--only', 'i32.eqz', '--keep', str(keep)))
        self.assertIn('DIFFERENT  single i32.eqz', told)
        self.assertIn('i32:00000006                 wrong', told)
        self.assertIn("again: tests/differential/differential --kind single --only 'i32.eqz'", told)
        self.assertIn('(invoke', (keep / 'single-i32.eqz' / 'script.wast').read_text())

    def test_an_engine_that_dies_is_a_difference(self):
        told = self.run_with(self.right, self.wrong(DIES), code=1)
        self.assertIn('lost: signal SIGABRT', told)

    def test_an_engine_that_always_dies_is_not_asked_for_ever(self):
        told = self.run_with(self.right, self.wrong(DIES), code=1,
                             options=('--only', 'i32.trunc_'))
        self.assertIn('8 cases, 8 differences', told)
        self.assertIn('lost: signal SIGABRT, with others in the same process', told)

    def test_only_the_case_that_an_engine_dies_of_is_lost(self):
        told = self.run_with(self.right, self.wrong(DIES_OF_TWO), code=1,
                             options=('--only', 'i32.eq'))
        self.assertIn('2 cases, 2 differences', told)
        self.assertNotIn('lost', told)

    def test_what_swoop_refuses_is_a_difference(self):
        told = self.run_with(self.right, self.wrong(REFUSES), code=1)
        self.assertIn('wrong refuses it: module failed: unsupported: this', told)
        self.assertIn('refused ', told)

    def test_an_engine_that_is_not_there_is_told(self):
        told = self.run_with(self.right, 'absent=/nowhere/swoop', code=77)
        self.assertIn('SKIPPED  engine absent: there is no /nowhere/swoop', told)


unittest.main()
