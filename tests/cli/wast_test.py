"""`swoop wast` as its users see it. usage: wast_test.py SWOOP [unittest options]"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SWOOP = str(pathlib.Path(sys.argv[1]).resolve())
MODULE = '(module (func (export "one") (result i32) (i32.const 1)))\n'
GOOD = MODULE + '(assert_return (invoke "one") (i32.const 1))\n'
BAD = MODULE + '  (assert_return (invoke "one") (i32.const 2))\n'
TWO_MEMORIES = '(module (memory 1) (memory 1))\n'


class Wast(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def file(self, contents, name='a.wast'):
        path = self.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents)
        return path

    def wast(self, *arguments, code):
        result = subprocess.run([SWOOP, 'wast', *map(str, arguments)], capture_output=True,
                                timeout=60, stdin=subprocess.DEVNULL, cwd=self.scratch, text=True,
                                env={'PATH': os.environ.get('PATH', '')})
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def json(self, *arguments, code):
        return json.loads(self.wast('--json', *arguments, code=code).stdout)

    def test_a_good_script_passes(self):
        result = self.wast(self.file(GOOD), code=0)
        self.assertEqual(result.stderr, '')
        self.assertRegex(result.stdout, r'assert_return +1 +0\n')
        self.assertRegex(result.stdout, r'module +1 +0\n')
        self.assertIn('1 files, 2 commands, 1 assertions', result.stdout)

    def test_a_failure_is_shown_with_its_place(self):
        path = self.file(BAD)
        result = self.wast(path, code=1)
        lines = result.stderr.splitlines()
        self.assertEqual(lines[0], f'{path}:2:3: assert_return failed: '
                                   'expected (i32.const 2), got (i32.const 1)')
        self.assertIn('(assert_return', result.stderr)
        self.assertIn('^', result.stderr)
        self.assertRegex(result.stdout, r'assert_return +0 +1\n')

    def test_a_bad_text_is_shown_where_it_is_bad(self):
        path = self.file('(module\n  (func (i32.ad)))\n')
        self.assertTrue(self.wast(path, code=1).stderr.startswith(
            f'{path}:2:10: module failed: malformed: unknown operator i32.ad\n'))

    def test_a_glob_may_name_a_script_without_its_directory(self):
        path = self.file(GOOD, 'directory/good.wast')
        self.assertIn('1 files', self.wast('--filter', 'g*.wast', path, code=0).stdout)

    def test_only_the_first_failures_of_a_file_are_shown(self):
        path = self.file(MODULE + '(invoke "absent")\n' * 30)
        self.assertIn('20 more failures', self.wast(path, code=1).stderr)
        every = self.wast('--all', path, code=1).stderr
        self.assertEqual(every.count('invoke failed'), 30)
        self.assertNotIn('more failures', every)

    def test_control_characters_of_a_script_are_not_printed(self):
        path = self.file('(module) (invoke "a\x1bb")')
        self.assertNotIn('\x1b', self.wast(path, code=1).stderr)

    def test_actions_are_shown(self):
        path = self.file('(module (func (export "two") (result i64 f32) (i64.const -2) '
                         '(f32.const 1.5))\n (func (export "none"))\n (func (export "trap") '
                         'unreachable)\n (global (export "g") f64 (f64.const nan)))\n'
                         '(invoke "two")(invoke "none")\n(invoke "trap") (get "g")')
        self.assertEqual(self.wast(path, code=1).stdout.splitlines()[0].split(),
                         ['command', 'passed', 'failed'])
        result = self.wast('--show-actions', path, code=0)
        self.assertEqual(result.stdout.splitlines()[:4], [
            f'{path}:5:1: (i64.const -2) (f32.const 0x1.8p+0)', f'{path}:5:15: ',
            f'{path}:6:1: trap "unreachable"', f'{path}:6:17: (f64.const nan:0x8000000000000)'])
        self.assertEqual(result.stderr, '')
        self.wast('--show-actions', self.file('(module) (invoke "absent")'), code=1)
        self.wast('--show-actions', '--json', path, code=64)

    def test_timeouts_end_commands(self):
        self.file('(module (func (export "spin") (loop $l (br $l))))\n'
                  '(assert_return (invoke "spin"))\n(assert_trap (invoke "spin") "unreachable")\n')
        output = self.wast('--timeout', '0.05', '--all', 'a.wast', code=1).stderr
        self.assertEqual(output.count('interrupted'), 2, output)

    def test_json_has_the_documented_fields(self):
        good, bad = self.file(GOOD, 'good.wast'), self.file(BAD, 'bad.wast')
        report = self.json(good, bad, code=1)
        for file in report['files'] + [report['total']]:
            self.assertLessEqual(
                {'commands', 'assertions', 'passed', 'failed', 'skipped', 'kinds'}, file.keys())
            self.assertEqual(file['passed'] + file['failed'] + file['skipped'], file['commands'])
        self.assertEqual([file['file'] for file in report['files']], [str(good), str(bad)])
        total = report['total']
        self.assertEqual((total['commands'], total['assertions'], total['passed'],
                          total['failed']), (4, 2, 3, 1))
        self.assertEqual(total['kinds'], {'assert_return': {'passed': 1, 'failed': 1},
                                          'module': {'passed': 2, 'failed': 0}})
        self.assertEqual(report['files'][1]['failures'],
                         [{'line': 2, 'column': 3, 'kind': 'assert_return', 'cause': 'wrong',
                           'missing': '', 'expected': False,
                           'message': 'expected (i32.const 2), got (i32.const 1)'}])

    def test_directories_are_searched_in_order(self):
        for name in ('suite/b.wast', 'suite/deep/c.wast', 'suite/a.wast'):
            self.file(GOOD, name)
        self.file('no script', 'suite/readme.txt')
        report = self.json('suite', code=0)
        self.assertEqual([file['name'] for file in report['files']],
                         ['a.wast', 'b.wast', 'deep/c.wast'])
        self.assertEqual(report['files'][0]['file'], 'suite/a.wast')

    def test_filters_by_text_and_by_glob(self):
        for name in ('suite/i32.wast', 'suite/i64.wast', 'suite/deep/i32.wast'):
            self.file(GOOD, name)

        def names(text):
            return [file['name'] for file in
                    self.json('--filter', text, 'suite', code=0)['files']]
        self.assertEqual(names('i32'), ['deep/i32.wast', 'i32.wast'])
        self.assertEqual(names('*32.wast'), ['deep/i32.wast', 'i32.wast'])
        self.assertEqual(names('deep/*.wast'), ['deep/i32.wast'])
        self.assertIn('no scripts', self.wast('--filter', 'absent', 'suite', code=66).stderr)

    def test_jobs_change_nothing_but_time(self):
        for i in range(8):
            self.file(BAD if i % 3 == 0 else GOOD, f'suite/{i}.wast')

        def without_times(report):
            for file in report['files'] + [report['total']]:
                del file['wall_ms']
            return report
        self.assertEqual(without_times(self.json('--jobs', 1, 'suite', code=1)),
                         without_times(self.json('--jobs', 4, 'suite', code=1)))

    def test_modes(self):
        path = self.file(GOOD)
        for mode in ('--round-trip', '--poison', '--explicit-bounds'):
            self.wast(mode, path, code=0)
            self.wast(mode, self.file(BAD, 'bad.wast'), code=1)

    def test_features(self):
        path = self.file(TWO_MEMORIES)
        self.wast(path, code=0)
        for features in ('wasm2', '-multi-memory', 'wasm3,-multi-memory', 'simd'):
            self.assertIn('invalid', self.wast(f'--features={features}', path, code=1).stderr)
        for features in ('all', 'wasm2,+multi-memory', 'wasm1,multi-memory'):
            self.wast(f'--features={features}', path, code=0)
        result = self.wast('--features=multi-memry', path, code=64)
        self.assertIn('did you mean multi-memory?', result.stderr)

    def test_directories_of_the_suite_have_their_own_features(self):
        path = self.file(TWO_MEMORIES, 'proposals/threads/memory.wast')
        self.assertIn('multiple memories', self.wast(path, code=1).stderr)
        self.wast('--features=all', path, code=0)

    def expect(self, rows, *arguments, code):
        return self.wast('--expect', self.file(rows, 'expected.txt'), *arguments, code=code)

    def test_expected_failures(self):
        self.file('(module (func (suspend 0)))', 'suite/stack-switching-proposal/cont.wast')
        self.file(GOOD, 'suite/a.wast')
        self.wast('suite', code=1)
        row = 'stack-switching-proposal/*.wast | stack-switching | not implemented\n'
        result = self.expect(row, 'suite', code=0)
        self.assertEqual(result.stderr, '')
        self.assertRegex(result.stdout, r'expected +1\n')

    def test_a_row_excuses_nothing_else(self):
        self.file(BAD, 'suite/a.wast')
        self.expect('*.wast | simd | no\n', 'suite', code=1)

    def test_an_unexpected_pass_fails(self):
        self.file(GOOD, 'suite/a.wast')
        result = self.expect('# why\na.wast | simd | not yet\n', 'suite', code=1)
        self.assertIn('expected.txt:2: unexpected pass', result.stderr)
        self.assertNotIn('unexpected', self.expect('b.wast | simd | not yet\n', 'suite',
                                                   code=0).stderr)

    def test_bad_expectations(self):
        self.file(GOOD, 'suite/a.wast')
        self.assertIn('line 1', self.expect('a.wast | simd\n', 'suite', code=64).stderr)
        self.assertIn('cannot read', self.wast('--expect', 'absent', 'suite', code=66).stderr)

    def test_missing_files(self):
        self.assertIn('absent.wast', self.wast('absent.wast', code=66).stderr)
        self.wast(code=64)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
