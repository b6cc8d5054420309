"""The swoop command as its users see it. usage: cli_test.py SWOOP EXAMPLES [unittest options]"""

import json
import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile
import gzip

SWOOP = str(pathlib.Path(sys.argv[1]).resolve())
EXAMPLES = pathlib.Path(sys.argv[2]).resolve()
HEADER = b'\0asm\1\0\0\0'


def swoop(*arguments, env=None, **options):
    """Runs the command without a terminal, and gives its exit code and outputs as text."""
    if 'input' not in options:
        options.setdefault('stdin', subprocess.DEVNULL)
    result = subprocess.run([SWOOP, *map(str, arguments)], capture_output=True, timeout=60,
                            env={'PATH': os.environ.get('PATH', ''), **(env or {})}, **options)
    result.out = result.stdout.decode(errors='replace')
    result.err = result.stderr.decode(errors='replace')
    return result


def leb(number):
    encoded = bytearray()
    while number > 0x7f:
        encoded.append(number & 0x7f | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def name(text):
    encoded = text if isinstance(text, bytes) else text.encode()
    return leb(len(encoded)) + encoded


def section(number, *items):
    contents = leb(len(items)) + b''.join(items)
    return bytes([number]) + leb(len(contents)) + contents


def custom(title, contents):
    payload = name(title) + contents
    return b'\0' + leb(len(payload)) + payload


def func_type(params=b'', results=b''):
    return b'\x60' + leb(len(params)) + params + leb(len(results)) + results


def body(code, local_decls=b'\0'):
    contents = local_decls + code + b'\x0b'
    return leb(len(contents)) + contents


def function_names(*names):
    entries = leb(len(names)) + b''.join(leb(i) + name(text) for i, text in names)
    return custom('name', b'\1' + leb(len(entries)) + entries)


def export(text, index, kind=0):
    return name(text) + bytes([kind]) + leb(index)


def one_function(code, exported='_start', params=b'', results=b'', names=None):
    """A module with one function and a memory, both exported."""
    module = (HEADER + section(1, func_type(params, results)) + section(3, b'\0') +
              section(5, b'\0\1') + section(7, export(exported, 0), export('memory', 0, 2)) +
              section(10, body(code)))
    return module + function_names((0, names)) if names else module


I32, I64, F32, F64 = b'\x7f', b'\x7e', b'\x7d', b'\x7c'


def opening_log(code):
    """A program that creates "log" in directory 3 three times, its descriptor being in memory at 0,
    and then runs `code`. Function 0 is path_open, 1 fd_write, 2 proc_exit; at 8 is a buffer of 8192
    bytes."""
    imports = [name('wasi_snapshot_preview1') + name(text) + b'\0' + leb(index)
               for index, text in enumerate(('path_open', 'fd_write', 'proc_exit'))]
    const = b'\x41'
    open_log = (const + b'\3' + const + b'\0' + const + b'\x10' + const + b'\3' + const + b'\1' +
                b'\x42\xc0\0' + b'\x42\0' + const + b'\0' + const + b'\0' + b'\x10\0\x1a')
    data = b'\0\x41\x08\x0b' + name(b'\x20\0\0\0\0\x20\0\0log')
    return (HEADER +
            section(1, func_type(I32 * 5 + I64 * 2 + I32 * 2, I32), func_type(I32 * 4, I32),
                    func_type(I32), func_type()) +
            section(2, *imports) + section(3, b'\3') + section(5, b'\0\1') +
            section(7, export('_start', 3), export('memory', 0, 2)) +
            section(10, body(open_log * 3 + code)) + section(11, data))


def copying():
    """A program that reads standard input once and writes what it got."""
    const = lambda n: b'\x41' + leb(n)
    imports = [name('wasi_snapshot_preview1') + name(text) + b'\0\0'
               for text in ('fd_read', 'fd_write')]
    code = (const(0) + const(16) + const(1) + const(4) + b'\x10\0\x1a' +
            const(1) + const(0) + const(1) + const(8) + b'\x10\1\x1a')
    # At 0 the bytes that were read, as many as fd_read puts at 4; at 16 room for them.
    data = (b'\0\x41\0\x0b' + name(b'\x20\0\0\0'),
            b'\0\x41\x10\x0b' + name(b'\x20\0\0\0\x20\0\0\0'))
    return (HEADER + section(1, func_type(I32 * 4, I32), func_type()) + section(2, *imports) +
            section(3, b'\1') + section(5, b'\0\1') +
            section(7, export('_start', 2), export('memory', 0, 2)) + section(10, body(code)) +
            section(11, *data))


class CommandTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def file(self, contents, filename='m.wasm'):
        path = self.scratch / filename
        path.write_bytes(contents)
        return path

    def assert_fails(self, result, code, *texts):
        self.assertEqual(result.returncode, code, result.err)
        for text in texts:
            self.assertIn(text, result.err)
        self.assertTrue(result.err.startswith('error: '), result.err)
        self.assertEqual(result.out, '')

    def assert_succeeds(self, result, out=None):
        self.assertEqual(result.returncode, 0, result.err)
        self.assertEqual(result.err, '')
        if out is not None:
            self.assertEqual(result.out, out)


class Help(CommandTest):
    def test_version_is_the_first_line(self):
        result = swoop('--version')
        self.assert_succeeds(result)
        words = result.out.splitlines()[0].split()
        self.assertEqual(words[0], 'swoop')
        self.assertRegex(words[1], r'^\d+\.\d+\.\d+$')

    def test_help_names_every_verb(self):
        result = swoop('--help')
        self.assert_succeeds(result)
        for verb in ('run', 'validate', 'compile', 'disasm', 'inspect', 'wat2wasm', 'wasm2wat'):
            self.assertRegex(result.out, rf'(?m)^  {verb} ')

    def test_help_of_each_verb_names_its_options(self):
        options = {
            'run': ['--dir', '--mapdir', '--env', '--inherit-env', '--argv0', '--invoke',
                    '--stdin', '--virtual-root', '--wasi-max-fds', '--time-passes', '--jobs', 'FILE [ARGS...]'],
            'validate': ['FILE', '--quiet'],
            'compile': ['FILE', '--time-passes', '--json', '--rounds', '--jobs'],
            'disasm': ['FILE', '--function'],
            'inspect': ['FILE', '--json'],
            'wat2wasm': ['FILE', '--output', '--no-names', '--no-validate'],
            'wasm2wat': ['FILE', '--output', '--fold'],
        }
        for verb, texts in options.items():
            result = swoop(verb, '--help')
            self.assert_succeeds(result)
            self.assertIn(f'Usage: swoop ', result.out)
            for text in texts:
                self.assertIn(text, result.out, verb)

    def test_help_as_a_verb(self):
        self.assert_succeeds(swoop('help'), swoop('--help').out)
        self.assert_succeeds(swoop('help', 'help'), swoop('--help').out)
        for verb in ('run', 'compile', 'bench'):
            self.assert_succeeds(swoop('help', verb), swoop(verb, '--help').out)
        self.assert_fails(swoop('help', 'complie'), 64, 'no verb "complie"', 'did you mean swoop compile?')
        self.assert_fails(swoop('help', 'run', 'compile'), 64, 'one verb')

    def test_without_arguments_shows_help_and_fails(self):
        result = swoop()
        self.assertEqual(result.returncode, 64)
        self.assertIn('Usage:', result.err)


class Run(CommandTest):
    def test_hello(self):
        expected = (EXAMPLES / 'hello/expected.txt').read_text()
        self.assert_succeeds(swoop('run', EXAMPLES / 'hello/hello.wasm'), expected)

    def test_is_the_default_verb(self):
        expected = (EXAMPLES / 'hello/expected.txt').read_text()
        self.assert_succeeds(swoop(EXAMPLES / 'hello/hello.wasm'), expected)
        self.assert_succeeds(swoop('--jobs', '2', EXAMPLES / 'hello/hello.wasm'), expected)

    def test_debugging_modes_run_the_same(self):
        expected = (EXAMPLES / 'mandelbrot/expected.txt').read_text()
        for option in ('--explicit-bounds', '--poison'):
            self.assert_succeeds(swoop(option, EXAMPLES / 'mandelbrot/mandelbrot.wasm'), expected)

    def test_reads_the_module_from_standard_input(self):
        with open(EXAMPLES / 'hello/hello.wasm', 'rb') as wasm:
            self.assert_succeeds(swoop('run', '-', stdin=wasm))

    def test_what_follows_the_file_belongs_to_the_guest(self):
        # wc opens its argument: an option of swoop there would be taken for a file.
        result = swoop('run', EXAMPLES / 'wc/wc.wasm', '--dir', '.', cwd=EXAMPLES / 'wc')
        self.assertNotEqual(result.returncode, 0)
        self.assertNotIn('usage', result.err)
        self.assertIn('--dir', result.err)

    def test_a_file_may_have_the_name_of_a_verb(self):
        shutil.copy(EXAMPLES / 'hello/hello.wasm', self.scratch / 'inspect')
        for options in ([], ['--env', 'A=B']):
            result = swoop('run', *options, 'inspect', 'run', '--env', cwd=self.scratch)
            self.assert_succeeds(result)
            self.assertTrue(result.out.startswith('Hello, run!\nHello, --env!\n'))

    def test_no_directory_without_dir(self):
        result = swoop('run', EXAMPLES / 'wc/wc.wasm', 'haiku.txt', cwd=EXAMPLES / 'wc')
        self.assertNotEqual(result.returncode, 0)

    def test_directories(self):
        expected = (EXAMPLES / 'wc/expected.txt').read_text()
        wc = EXAMPLES / 'wc/wc.wasm'
        for options in (['--dir', '.'], ['--dir=.::.'], ['--dir', '.::.::ro'],
                        ['--mapdir', '.::.']):
            self.assert_succeeds(swoop('run', *options, wc, 'haiku.txt', cwd=EXAMPLES / 'wc'),
                                 expected)

    def test_virtual_root(self):
        expected = (EXAMPLES / 'wc/expected.txt').read_text()
        wc = EXAMPLES / 'wc/wc.wasm'
        self.assert_succeeds(swoop('run', '--virtual-root', '--dir', '.::texts', wc,
                                   'texts/haiku.txt', cwd=EXAMPLES / 'wc'),
                             expected.replace('haiku.txt', 'texts/haiku.txt'))
        result = swoop('run', '--virtual-root', '--dir', '.::/', wc, cwd=EXAMPLES / 'wc')
        self.assert_fails(result, 64, "guest path '/'")

    def test_standard_input(self):
        self.file(b'from a file', 'input')
        program = self.file(copying())
        self.assert_succeeds(swoop('run', program, input=b'from swoop'), 'from swoop')
        for options, out in ((['--stdin', 'input'], 'from a file'), (['--stdin=null'], ''),
                             (['--stdin', './null'], 'from null')):
            self.file(b'from null', 'null')
            self.assert_succeeds(swoop('run', *options, program, cwd=self.scratch,
                                       input=b'from swoop'), out)
        self.assert_fails(swoop('run', '--stdin', '/no/such', program), 66, '/no/such')

    def test_limit_of_open_files(self):
        # The program opens three files beside its streams and directory, and the third decides.
        program = self.file(opening_log(b'\x41\0\x28\2\0\x10\2'))
        for limit, code in ((7, 6), (6, 5), (5, 4), (1024, 6)):
            result = swoop('run', '--wasi-max-fds', str(limit), '--dir', self.scratch, program)
            self.assertEqual(result.returncode, code, limit)
        result = swoop('run', '--wasi-max-fds', '3', '--dir', self.scratch, program)
        self.assert_fails(result, 64, 'limit')
        self.assert_fails(swoop('run', '--wasi-max-fds', '2', program), 64, '--wasi-max-fds')

    def test_explains_a_single_colon(self):
        result = swoop('run', '--dir', '/tmp:/guest', EXAMPLES / 'wc/wc.wasm')
        self.assert_fails(result, 64, 'error: usage: ', '--dir /tmp::/guest')

    def test_directory_that_is_not_there(self):
        result = swoop('run', '--dir', '/no/such', EXAMPLES / 'hello/hello.wasm')
        self.assert_fails(result, 66, '/no/such')

    def test_messages_never_go_into_files_of_the_guest(self):
        program = self.file(opening_log(b'\0'))
        result = subprocess.run(['sh', '-c', 'exec "$0" "$@" <&- >&- 2>&-', SWOOP, '--dir',
                                 str(self.scratch), str(program)], timeout=60)
        self.assertEqual(result.returncode, 134)
        self.assertEqual((self.scratch / 'log').read_bytes(), b'')

    def test_limit_of_file_sizes_is_an_error_of_the_guest(self):
        write = b'\x41\0\x28\2\0\x41\x08\x41\1\x41\4\x10\1'
        program = self.file(opening_log(write + b'\x1a' + write + b'\x10\2'))
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        result = swoop('--dir', self.scratch, program, preexec_fn=limit)
        self.assertEqual(result.returncode, 22)  # errno fbig
        self.assertEqual((self.scratch / 'log').stat().st_size, 4096)

    def test_exit_code_of_the_guest(self):
        exit_with_42 = (HEADER + section(1, func_type(), func_type(I32)) +
                        section(2, name('wasi_snapshot_preview1') + name('proc_exit') + b'\0\1') +
                        section(3, b'\0') + section(7, export('_start', 1)) +
                        section(10, body(b'\x41\x2a\x10\0')))
        result = swoop('run', self.file(exit_with_42))
        self.assertEqual((result.returncode, result.err), (42, ''))

    def test_both_previews_in_one_module(self):
        both = (HEADER + section(1, func_type(), func_type(I32)) +
                section(2, name('wasi_unstable') + name('proc_exit') + b'\0\1',
                        name('wasi_snapshot_preview1') + name('sched_yield') + b'\0\2') +
                section(3, b'\0') + section(7, export('_start', 2)) +
                section(10, body(b'\x10\1\x1a\x41\7\x10\0')))
        both = both.replace(section(1, func_type(), func_type(I32)),
                            section(1, func_type(), func_type(I32), func_type(b'', I32)))
        self.assertEqual(swoop('run', self.file(both)).returncode, 7)

    def test_trap(self):
        module = one_function(b'\0', names='crash')
        result = swoop('run', self.file(module))
        offset = module.index(b'\0\0\x0b') + 1
        self.assert_fails(result, 134, 'error: trap: unreachable',
                          f'  at crash (func 0, module offset {offset:#x})')

    def test_traps_name_the_line_of_the_source(self):
        header = b'\1\1\1\xfd\x0c\x0d\0\1\1\1\1\0\0\0\1\0\0\1' + b'\0' + b'a\x1b.c\0\0\0\0' + b'\0'
        program = b'\0\5\2\1\0\0\0' + b'\3\4\5\x09\1' + b'\2\x7f' + b'\0\1\1'
        unit = b'\4\0' + struct.pack('<I', len(header)) + header + program
        lines = custom('.debug_line', struct.pack('<I', len(unit)) + unit)
        result = swoop('run', self.file(one_function(b'\0', names='crash') + lines))
        self.assert_fails(result, 134, '  at crash a\\x1b.c:5:9 (func 0, module offset ')

    def test_timeouts_end_loops(self):
        path = self.file(one_function(b'\3\x40\x0c\0\x0b', names='spin'))
        result = swoop('run', '--timeout', 0.05, path)
        self.assert_fails(result, 124, 'error: timeout: stopped after 0.05 s: interrupted',
                          '  at spin (func 0, module offset')

    def test_timeouts_in_time_change_nothing(self):
        path = EXAMPLES / 'fib/fib.wasm'
        self.assertEqual(swoop('run', '--timeout', 600, '--invoke', 'fib', path, 10).returncode,
                         swoop('run', '--invoke', 'fib', path, 10).returncode)
        self.assertEqual(swoop('run', '--timeout', 0, path).returncode, 64)

    def test_fuel_ends_programs_always_at_the_same_place(self):
        path = self.file(one_function(b'\3\x40\x0c\0\x0b', names='spin'))
        result = swoop('run', '--fuel', 1000, path)
        self.assert_fails(result, 134, 'error: trap: all fuel consumed',
                          '  at spin (func 0, module offset', 'it had 1000; --fuel gives more')
        fib = EXAMPLES / 'fib/fib.wasm'
        enough = lambda fuel: swoop('run', '--fuel', fuel, '--invoke', 'fib', fib, 10).returncode == 0
        self.assertTrue(enough(100_000))
        too_little, needed = 0, 100_000
        while needed - too_little > 1:
            middle = (too_little + needed) // 2
            if enough(middle):
                needed = middle
            else:
                too_little = middle
        for _ in range(3):
            self.assertTrue(enough(needed))
            self.assertFalse(enough(needed - 1))
        self.assertEqual(swoop('run', '--fuel', 5000, '--timeout', 60, path).returncode, 134)

    def test_uncaught_exception(self):
        code = b'\x41\7\x42\1\x08\0'
        module = (HEADER + section(1, func_type(I32 + I64), func_type()) + section(3, b'\1') +
                  section(13, b'\0\0') + section(7, export('_start', 0)) +
                  section(10, body(code)) + function_names((0, 'thrower')))
        result = swoop('run', self.file(module))
        self.assert_fails(result, 134, 'error: uncaught exception (i32, i64)',
                          f'  at thrower (func 0, module offset {module.index(code) + 4:#x})')

    def test_stack_overflow_is_a_trap(self):
        result = swoop('run', self.file(one_function(b'\x10\0')))
        self.assert_fails(result, 134, 'trap: call stack exhausted')

    def frames(self, *functions):
        """Of a program that traps: names of functions and other lines of the backtrace."""
        result = swoop('run', self.file(f'(module {"".join(functions)})'.encode(), 'm.wat'))
        self.assertEqual(result.returncode, 134, result.err)
        lines = [line for line in result.err.splitlines() if line.startswith(('  at', '  ...'))]
        return [re.sub(r'  at (\w+) .*', r'\1', line) for line in lines]

    def test_endless_recursion_is_told_once(self):
        start = '(func $f (export "_start") (call $g))'
        self.assertEqual(self.frames('(func $f (export "_start") (call $f))'),
                         ['f', 'f', '  ... 62 more of f (func 0)', '  ...'])
        # Which of the two finds the stack exhausted depends on where the stack began.
        self.assertIn(self.frames(start, '(func $g (call $f))')[2:],
                      [['f', '  ... 61 more of f (func 0) and g (func 1)', '  ...'],
                       ['g', '  ... 61 more of g (func 1) and f (func 0)', '  ...']])
        # The middle of a backtrace; what is short is shown whole.
        recursive = ('(func $g (call $r (i32.const {})))'
                     '(func $r (param i32) (if (local.get 0) (then (call $r (i32.sub (local.get 0)'
                     ' (i32.const 1)))) (else (call $t))))(func $t unreachable)')
        self.assertEqual(self.frames(start, recursive.format(10)),
                         ['t', 'r', 'r', '  ... 9 more of r (func 2)', 'g', 'f'])
        self.assertEqual(self.frames(start, recursive.format(3)), ['t', 'r', 'r', 'r', 'r', 'g', 'f'])

    def test_arguments_and_environment(self):
        # Writes args and environ as they lie in memory, from 1024 on.
        types = section(1, func_type(), func_type(I32 * 2, I32), func_type(I32 * 4, I32))
        imports = section(2, *[name('wasi_snapshot_preview1') + name(f) + b'\0' + t for f, t in (
            ('args_get', b'\1'), ('environ_get', b'\1'), ('fd_write', b'\2'))])
        const = lambda n: b'\x41' + (leb(n) if n < 64 else bytes([n & 0x7f | 0x80, n >> 7]))
        code = (const(0) + const(1024) + b'\x10\0\x1a' + const(512) + const(1088) + b'\x10\1\x1a' +
                const(256) + const(1024) + b'\x36\2\0' + const(260) + const(128) + b'\x36\2\0' +
                const(1) + const(256) + const(1) + const(300) + b'\x10\2\x1a')
        module = (HEADER + types + imports + section(3, b'\0') + section(5, b'\0\1') +
                  section(7, export('_start', 3), export('memory', 0, 2)) + section(10, body(code)))
        result = swoop('run', '--argv0', 'me', '--env', 'A=1=2', '--env', 'B', '--env', 'NONE',
                       self.file(module), 'x y', '-z', env={'B': 'inherited', 'C': 'hidden'})
        self.assertEqual(result.err, '')
        arguments, environment = result.stdout[:64], result.stdout[64:]
        self.assertEqual(arguments.rstrip(b'\0').split(b'\0'), [b'me', b'x y', b'-z'])
        self.assertEqual(environment.rstrip(b'\0').split(b'\0'), [b'A=1=2', b'B=inherited'])

        result = swoop('run', '--inherit-env', '--env', 'A=2', self.file(module),
                       env={'A': '1', 'PATH': 'p'})
        self.assertEqual(sorted(result.stdout[64:].rstrip(b'\0').split(b'\0')), [b'A=2', b'PATH=p'])

    def test_bench_hooks(self):
        hooks = (HEADER + section(1, func_type()) +
                 section(2, name('bench') + name('start') + b'\0\0',
                         name('bench') + name('end') + b'\0\0') +
                 section(3, b'\0') + section(7, export('_start', 2)) +
                 section(10, body(b'\x10\0\x10\1')))
        result = swoop('run', '--time-passes', self.file(hooks))
        self.assertEqual(result.returncode, 0)
        for phase in ('decode', 'validate', 'compile', 'publish', 'instantiate', 'run', 'run CPU',
                      'bench', 'bench CPU'):
            self.assertRegex(result.err, rf'(?m)^{phase} +\d+\.\d+')

    def test_start_function_may_exit(self):
        module = (HEADER + section(1, func_type(), func_type(I32)) +
                  section(2, name('wasi_snapshot_preview1') + name('proc_exit') + b'\0\1') +
                  section(3, b'\0', b'\0') + section(7, export('_start', 2)) + b'\x08\1\1' +
                  section(10, body(b'\x41\5\x10\0'), body(b'\0')))
        self.assertEqual(swoop('run', self.file(module)).returncode, 5)

    def test_module_without_start(self):
        result = swoop('run', self.file(one_function(b'', exported='f')))
        self.assert_fails(result, 64, 'no _start', '--invoke calls one function: f')

    def test_options_after_the_file_are_explained(self):
        fib = EXAMPLES / 'fib/fib.wasm'
        hint = 'options of swoop come before FILE; --{} after it is an argument'
        self.assert_fails(swoop('run', fib, '--invoke', 'fib', 10), 64, 'no _start', hint.format('invoke'))
        self.assert_fails(swoop('run', '--invoke', 'fib', fib, 10, '--fuel=5'), 64, 'not 2',
                          hint.format('fuel=5'))
        self.assertNotIn('before FILE', swoop('run', fib).err)

    def test_reactor(self):
        # _initialize sets the global that get returns.
        module = (HEADER + section(1, func_type(), func_type(b'', I32)) + section(3, b'\0', b'\1') +
                  section(6, b'\x7f\1\x41\0\x0b') +
                  section(7, export('_initialize', 0), export('get', 1)) +
                  section(10, body(b'\x41\x09\x24\0'), body(b'\x23\0')))
        path = self.file(module)
        self.assert_succeeds(swoop('run', '--invoke', 'get', path), '9\n')
        self.assert_fails(swoop('run', path), 64, 'reactor')

    def test_start_and_initialize_exclude_each_other(self):
        module = (HEADER + section(1, func_type()) + section(3, b'\0') +
                  section(7, export('_initialize', 0), export('_start', 0)) + section(10, body(b'')))
        self.assert_fails(swoop('run', self.file(module)), 65, 'both _start and _initialize')


class Invoke(CommandTest):
    def identity(self, kind):
        return self.file(one_function(b'\x20\0', 'id', kind, kind))

    def test_prints_bare_results(self):
        cases = {
            I32: {'-1': '-1', '4294967295': '-1', '0x80000000': '-2147483648', '+7': '7'},
            I64: {'-9223372036854775808': '-9223372036854775808', '0xffffffffffffffff': '-1'},
            F32: {'0.1': '0.1', 'inf': 'inf', 'nan': 'nan', '0x1p-3': '0.125', '-0': '-0'},
            F64: {'0.1': '0.1', '1e300': '1e+300', '-inf': '-inf'},
        }
        for kind, words in cases.items():
            path = self.identity(kind)
            for word, expected in words.items():
                self.assert_succeeds(swoop('run', '--invoke', 'id', path, word), expected + '\n')

    def test_prints_several_results_one_a_line(self):
        module = one_function(b'\x41\1\x42\2', 'two', b'', I32 + I64)
        self.assert_succeeds(swoop('run', '--invoke', 'two', self.file(module)), '1\n2\n')

    def test_refuses_what_is_no_number_of_the_type(self):
        for kind, words in {I32: ['x', '', '4294967296', '-2147483649', '1.5', '0x', '1 '],
                            I64: ['18446744073709551616', '1e3'], F32: ['1e39'],
                            F64: ['', 'one', '1.5x', '1e400', '-1e400']}.items():
            path = self.identity(kind)
            for word in words:
                self.assert_fails(swoop('run', '--invoke', 'id', path, word), 64,
                                  'error: usage: argument 1 of "id"')

    def test_refuses_a_wrong_number_of_arguments(self):
        path = self.identity(I32)
        self.assert_fails(swoop('run', '--invoke', 'id', path), 64, '"id" takes 1 argument, not 0',
                          'func (i32) -> i32')
        self.assert_fails(swoop('run', '--invoke', 'id', path, 1, 2), 64, 'not 2')

    def test_suggests_an_export(self):
        path = EXAMPLES / 'fib/fib.wasm'
        self.assert_fails(swoop('run', '--invoke', 'fob', path, 1), 64, 'no "fob"', '"fib"')
        self.assert_fails(swoop('run', '--invoke', 'memory', path), 64, 'not a function')

    def test_suggests_nothing_that_shares_no_letter(self):
        result = swoop('run', '--invoke', 'x', self.file(one_function(b'\x20\0', 'i', I32, I32)))
        self.assert_fails(result, 64, 'no "x"', '--invoke calls one function: i')

    def test_long_names_are_abbreviated(self):
        path = self.file(one_function(b'\0', 'f', names='n' * 90000 + '\u20ac'))
        result = swoop('run', '--invoke', 'f', path)
        self.assert_fails(result, 134, 'at ' + 'n' * 256 + '... (func 0')

    def test_trap(self):
        path = EXAMPLES / 'fib/fib.wasm'
        self.assert_fails(swoop('run', '--invoke', 'percent', path, 1, 0), 134,
                          'trap: integer divide by zero', 'at divide (func 2, module offset 0x',
                          'at percent (func 1, module offset 0x')


class Imports(CommandTest):
    def importing(self, *imports):
        return self.file(HEADER + section(1, func_type(I32, I64)) +
                         section(2, *[name(m) + name(n) + kind for m, n, kind in imports]))

    def test_lists_all_that_are_missing(self):
        result = swoop('run', self.importing(('env', 'one', b'\0\0'), ('env', 'mem', b'\2\0\1'),
                                             ('env', 'tab', b'\1\x70\0\2'), ('m', 'g', b'\3\x7f\1')))
        self.assert_fails(result, 69, 'error: unresolved import: 4 imports are not provided')
        for text in (r'env\.one +func \(i32\) -> i64', r'env\.mem +memory 1', r'env\.tab +table 2',
                     r'm\.g +global mut i32'):
            self.assertRegex(result.err, text)

    def test_lists_a_hundred_at_most(self):
        result = swoop('run', self.importing(*[('wasi_snapshot_preview1', f'qqqqqqqq{i:05}', b'\0\0')
                                               for i in range(5000)]))
        self.assert_fails(result, 69, '5000 imports are not provided', 'qqqqqqqq00099 ',
                          '... and 4900 more')
        self.assertNotIn('qqqqqqqq00100', result.err)

    def test_suggests_near_names(self):
        result = swoop('run', self.importing(('wasi_snapshot_preview1', 'fd_wirte', b'\0\0')))
        self.assert_fails(result, 69, 'fd_write')
        result = swoop('run', self.importing(('wasi_snapshot_preview_1', 'fd_write', b'\0\0')))
        self.assert_fails(result, 69, 'wasi_snapshot_preview1')

    def test_names_the_toolchain(self):
        for module, field, text in (('gojs', 'runtime.wasmExit', 'GOOS=wasip1'),
                                    ('wbg', '__wbg_now', 'wasm-bindgen'),
                                    ('env', 'emscripten_resize_heap', 'Emscripten'),
                                    ('env', '__memory_base', 'dynamic linking'),
                                    ('wasi:cli/environment@0.2.0', 'get', 'component model')):
            self.assert_fails(swoop('run', self.importing((module, field, b'\0\0'))), 69, text)

    def test_tells_a_wrong_type(self):
        result = swoop('run', self.importing(('wasi_snapshot_preview1', 'fd_close', b'\0\0')))
        self.assert_fails(result, 69, '1 has another type', 'func (i32) -> i64',
                          'provided is func (i32) -> i32')

    def test_escapes_names(self):
        result = swoop('run', self.importing(('e\x1b[31mv', 'a\nb\u202e', b'\0\0')))
        self.assert_fails(result, 69, r'e\x1b[31mv.a\x0ab\u{202e}')
        self.assertNotIn('\x1b', result.err)


class BrokenFiles(CommandTest):
    def refused(self, contents, *texts, code=65):
        for verb in ('run', 'validate', 'compile', 'disasm'):
            self.assert_fails(swoop(verb, self.file(contents)), code, *texts)

    def test_missing(self):
        for verb in ('run', 'validate', 'compile', 'disasm'):
            self.assert_fails(swoop(verb, self.scratch / 'none.wasm'), 66, 'none.wasm',
                              'No such file')

    def test_directory(self):
        self.assert_fails(swoop('run', self.scratch), 66, 'cannot read', 'directory')

    def test_file_without_end(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        for verb in ('run', 'validate', 'compile', 'disasm'):
            self.assert_fails(swoop(verb, '/dev/zero', preexec_fn=limit), 65, 'malformed')

    def test_huge_file_of_another_kind(self):
        path = self.file(b'\x7fELF')
        os.truncate(path, 1 << 40)
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        self.assert_fails(swoop('run', path, preexec_fn=limit), 65, 'ELF')

    def test_empty(self):
        self.refused(b'', 'error: malformed: ', 'the file is empty')

    def test_elf(self):
        self.refused(b'\x7fELF' + bytes(100), 'error: malformed: ', 'ELF')

    def test_gzip(self):
        self.refused(gzip.compress(HEADER), 'gzip')

    def test_zip(self):
        with zipfile.ZipFile(self.scratch / 'a.zip', 'w') as archive:
            archive.writestr('m.wasm', HEADER)
        self.refused((self.scratch / 'a.zip').read_bytes(), 'zip archive')

    def test_html(self):
        self.refused(b'\n<!DOCTYPE html><html><body>404</body></html>', 'HTML page')

    def test_text_of_a_component(self):
        for verb in ('run', 'validate', 'compile', 'disasm'):
            result = swoop(verb, self.file(b'(; one ;)\n(component)', 'c.wat'))
            self.assertEqual(result.returncode, 65)
            self.assertIn('this is the text of a component', result.err)

    def test_script(self):
        self.refused(b'#!/bin/sh\necho\n', 'script')

    def test_component(self):
        self.refused(b'\0asm\x0d\0\1\0', 'this is a component; this runtime runs core modules')

    def test_unknown_version(self):
        self.refused(b'\0asm\2\0\0\0', 'malformed: unknown binary version', ':0x4')

    def test_cut_in_the_header(self):
        self.refused(b'\0asm\1\0', 'is it complete?')

    def test_truncated_code_section(self):
        module = (EXAMPLES / 'hello/hello.wasm').read_bytes()
        self.refused(module[:len(module) // 2], 'error: malformed: ',
                     'the code section says it has', 'is it complete?')

    def test_invalid_body_names_the_function(self):
        module = one_function(b'\x42\1\x41\1\x6a\x1a', names='bad')  # i32.add of an i64
        offset = module.index(b'\x6a')
        self.refused(module, 'error: invalid: type mismatch', f'm.wasm:{offset:#x}, function 0 "bad"')

    def test_bad_section_id(self):
        self.refused(HEADER + b'\x63\0', 'malformed: malformed section id', 'm.wasm:0x8')

    def test_unsupported_instruction(self):
        module = one_function(b'\xfd\x0c' + bytes(16) + b'\x1a', names='vector')
        offset = module.index(b'\xfd\x0c')
        path = self.file(module)
        for verb in ('run', 'compile', 'disasm'):
            self.assert_fails(swoop(verb, path), 65,
                              'error: unsupported: simd (v128.const) in function 0 "vector" '
                              f'at offset {offset:#x}')
        self.assertEqual(swoop('validate', path).returncode, 0)


class Usage(CommandTest):
    def test_unknown_option(self):
        self.assert_fails(swoop('run', '--inovke', 'f', 'x.wasm'), 64, '--inovke',
                          'did you mean --invoke?')
        self.assert_fails(swoop('--no-such', 'x.wasm'), 64, '--no-such')
        self.assert_fails(swoop('compile', '--no-such', 'x.wasm'), 64, '--no-such')

    def test_missing_file(self):
        for verb in ('run', 'validate', 'compile', 'disasm'):
            self.assert_fails(swoop(verb), 64, 'FILE')

    def test_bad_values(self):
        self.assert_fails(swoop('run', '--jobs', '0', 'x.wasm'), 64, '--jobs')
        self.assert_fails(swoop('run', '--jobs', 'many', 'x.wasm'), 64, '--jobs')
        self.assert_fails(swoop('run', '--env', '=x', 'x.wasm'), 64, '--env')
        self.assert_fails(swoop('run', '--fuel'), 64, 'usage: --fuel needs a value')
        self.assert_fails(swoop('run', '--fuel', 1, '--fuel', 2, 'x'), 64, '--fuel is given more than once')
        self.assert_fails(swoop('compile', '--json=x', 'x'), 64, 'usage: --json takes no value')
        self.assert_fails(swoop('bench', '--json', '--csv', 'x'), 64, '--csv exclude each other')
        self.assert_fails(swoop('compile', 'a', 'b'), 64, 'unexpected argument "b"')
        self.assert_fails(swoop('compile', '--jsno', 'x'), 64, 'did you mean --json?')

    def test_numbers(self):
        whole, most = 'is not a whole number from', 2 ** 64 - 1
        for verb, option, words, problem in (
                ('run', 'fuel', (-1, '-18446744073709551615', most + 1, 'x', '1.5', '1e3', '', ' 1', '+1'),
                 f'{whole} 0 to {most}'),
                ('run', 'jobs', (0, 257, -1), f'{whole} 1 to 256'),
                ('run', 'wasi-max-fds', (-1, 2), f'{whole} 3 to 1048576'),
                ('run', 'timeout', ('5s', 0, -1, 'nan', 'inf', 1e10), 'is not a number from 0.001 to 1000000000'),
                ('wast', 'timeout', ('5s', -1), 'is not a number from 0.001 to 1000000000'),
                ('compile', 'rounds', (-1, 1001), f'{whole} 1 to 1000'),
                ('bench', 'rounds', (-1,), f'{whole} 1 to 1000'),
                ('bench', 'budget', (-1, 'x'), 'is not a number from 0 to 1000000000')):
            for word in words:
                self.assert_fails(swoop(verb, f'--{option}', word, 'x.wasm'), 64,
                                  f'error: usage: --{option}: "{word}" {problem}')
        for option, word in (('fuel', most), ('timeout', '1e9'), ('timeout', '.5'), ('jobs', '010')):
            self.assertEqual(swoop('run', f'--{option}={word}', EXAMPLES / 'hello/hello.wasm').returncode, 0)

    def test_neither_verb_nor_file(self):
        self.assert_fails(swoop('frob'), 64, '"frob" is neither a verb nor a file', 'verbs are run, validate')
        self.assert_fails(swoop('validtae', 'x.wasm'), 64, 'did you mean swoop validate?')
        self.assert_fails(swoop('--jobs', 2, 'compile', 'x.wasm'), 64,
                          'the verb comes before its options: swoop compile')
        for arguments in (['run', 'frob'], ['./frob'], ['frob.wasm']):
            self.assert_fails(swoop(*arguments), 66, 'No such file')
        shutil.copy(EXAMPLES / 'hello/hello.wasm', self.scratch / 'frob')
        self.assertEqual(swoop('frob', cwd=self.scratch).returncode, 0)
        self.assert_fails(swoop('run', '--dir', 'a::b::c::ro', 'x.wasm'), 64, '--dir')


class Validate(CommandTest):
    def test_several_files(self):
        good = EXAMPLES / 'hello/hello.wasm'
        result = swoop('validate', good, EXAMPLES / 'fib/fib.wasm')
        self.assert_succeeds(result)
        self.assertEqual(len(result.out.splitlines()), 2)
        self.assertIn('valid', result.out)
        self.assert_succeeds(swoop('validate', '-q', good), '')

    def test_goes_on_after_a_bad_file(self):
        result = swoop('validate', self.file(b'MZ'), EXAMPLES / 'hello/hello.wasm')
        self.assertEqual(result.returncode, 65)
        self.assertIn('hello.wasm: valid', result.out)


class Compile(CommandTest):
    MODULE = EXAMPLES / 'mandelbrot/mandelbrot.wasm'

    def test_json_has_the_documented_fields(self):
        result = swoop('compile', '--time-passes', '--json', self.MODULE, '--jobs', 2)
        self.assert_succeeds(result)
        fields = json.loads(result.out)
        self.assertEqual(list(fields), [
            'file', 'target', 'wasm_bytes', 'code_bytes', 'functions', 'machine_code_bytes', 'decode_ms',
            'validate_ms', 'compile_ms', 'publish_ms', 'total_ms', 'peak_rss_bytes'])
        self.assertEqual(fields['file'], str(self.MODULE))
        self.assertEqual(fields['wasm_bytes'], self.MODULE.stat().st_size)
        self.assertTrue(0 < fields['code_bytes'] < fields['wasm_bytes'])
        self.assertGreater(fields['functions'], 0)
        self.assertGreater(fields['machine_code_bytes'], fields['code_bytes'] // 4)
        self.assertGreater(fields['compile_ms'], 0)
        self.assertGreater(fields['peak_rss_bytes'], 1 << 20)

    def test_table(self):
        result = swoop('compile', '--time-passes', self.MODULE)
        self.assert_succeeds(result)
        for phase in ('decode', 'validate', 'compile', 'publish', 'total'):
            self.assertRegex(result.out, rf'(?m)^{phase} +\d+\.\d+')
        self.assertIn('per byte of wasm code', result.out)
        self.assertIn('peak RSS', result.out)

    def test_total_is_cpu_time(self):
        result = swoop('compile', '--time-passes', '--rounds', 3, self.MODULE)
        total = float(re.search(r'(?m)^total +([\d.]+)$', result.out)[1])
        result = swoop('compile', '--json', '--rounds', 3, self.MODULE)
        json_total = json.loads(result.out)['total_ms']
        self.assertTrue(json_total / 4 < total < json_total * 4, (total, json_total))
        self.assertIn('total, CPU time', swoop('compile', '--help').out.replace('\n', ' '))

    def test_rounds(self):
        once, often = (json.loads(swoop('compile', '--json', '--rounds', rounds, self.MODULE).out)
                       for rounds in (1, 3))
        self.assertEqual(list(often), list(once))
        self.assertEqual(often['machine_code_bytes'], once['machine_code_bytes'])
        self.assertGreater(often['total_ms'], 0)
        self.assertEqual(swoop('compile', '--rounds', 0, self.MODULE).returncode, 64)

    def test_without_functions(self):
        self.assert_succeeds(swoop('compile', '--time-passes', self.file(HEADER)))

    def test_one_function_is_no_functions(self):
        path = self.file(one_function(b''))
        for verb in ('compile', 'validate'):
            self.assertRegex(swoop(verb, path).out, r', 1 function(,|$)')

    def test_for_either_machine(self):
        targets = ('x86_64', 'aarch64')
        told = [json.loads(swoop('compile', '--json', '--target', target, self.MODULE).out)
                for target in targets]
        self.assertEqual(tuple(one['target'] for one in told), targets)
        self.assertIn('machine code for aarch64: ',
                      swoop('compile', '--target', 'aarch64', self.MODULE).out)
        sizes = [one['machine_code_bytes'] for one in told]
        self.assertNotEqual(sizes[0], sizes[1])
        self.assertEqual(sizes[1] % 4, 0)
        self.assert_succeeds(swoop('compile', '--target', 'aarch64', '--sign-return-addresses',
                                   '--cpu', 'bti', self.MODULE))

    def test_unknown_machines_and_features(self):
        for arguments, problem in ((('--target', 'arm64'), 'neither x86_64 nor aarch64'),
                                   (('--target', 'aarch64', '--cpu', 'avx'), 'no feature "avx"'),
                                   (('--target', 'x86_64', '--cpu', 'avx,bti'), 'no feature "bti"'),
                                   (('--target', 'x86_64', '--sign-return-addresses'),
                                    '--sign-return-addresses')):
            self.assert_fails(swoop('compile', *arguments, self.MODULE), 64, problem)


class Disasm(CommandTest):
    FIB = EXAMPLES / 'fib/fib.wasm'

    def test_shows_wasm_beside_machine_code(self):
        result = swoop('disasm', '--function', 'percent', self.FIB)
        self.assert_succeeds(result)
        self.assertTrue(result.out.startswith('function 1 "percent": func (i32, i32) -> i32\n'))
        self.assertIn('i32.const 100', result.out)
        self.assertIn('call 2 (divide)', result.out)
        self.assertIn(' | ', result.out)
        self.assertEqual(result.out.count('\nfunction '), 0)

    def test_shows_all_instructions_in_order(self):
        result = swoop('disasm', self.FIB)
        self.assert_succeeds(result)
        self.assertEqual(result.out.count('\nfunction ') + 1, 3)
        divide = result.out[result.out.index('function 2'):]
        self.assertLess(divide.index('local.get 1'), divide.index('i32.div_s'))
        # Divisions of x86-64 fault, those of AArch64 do not.
        self.assertRegex(divide, 'by zero or overflow|sdiv')

    def test_for_either_machine(self):
        for target, add, call in (('x86_64', 'sub rsp', 'call function 2 "divide"'),
                                  ('aarch64', 'stp x29, x30', 'bl function 2 "divide"')):
            result = swoop('disasm', '--target', target, self.FIB)
            self.assert_succeeds(result)
            if not result.err:  # there is a disassembler
                self.assertIn(add, result.out)
                self.assertIn(call, result.out)

    def test_an_executable_alone_shows_bytes_or_instructions(self):
        alone = self.scratch / 'swoop'
        shutil.copy(SWOOP, alone)
        result = subprocess.run([alone, 'disasm', self.FIB], capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b'i32.div_s', result.stdout)
        has_instructions = re.search(rb'\b[is]div ', result.stdout) is not None
        self.assertNotEqual(b'machine code is shown as bytes' in result.stderr, has_instructions)

    def test_by_number(self):
        by_number = swoop('disasm', '--function', '2', self.FIB)
        self.assertEqual(by_number.out, swoop('disasm', '--function', 'divide', self.FIB).out)

    def test_unknown_function(self):
        self.assert_fails(swoop('disasm', '--function', 'perzent', self.FIB), 64, 'perzent',
                          'did you mean percent?')
        self.assert_fails(swoop('disasm', '--function', '99', self.FIB), 64, '99')

    def test_escapes_names(self):
        result = swoop('disasm', self.file(one_function(b'', names='a\x1bb')))
        self.assert_succeeds(result)
        self.assertIn(r'"a\x1bb"', result.out)



class Text(CommandTest):
    """WebAssembly text wherever a module is read."""
    DIVIDE = """(module
  (func $div (export "div") (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a)
               (local.get $b))))
"""
    MISMATCH = """(module
  (memory 1)
  (func $first)
  (func $add (export "add") (param $a i32) (param $b i64) (result i32)
    (i32.add
      (local.get $a)
      (local.get $b))))
"""

    def test_every_verb_takes_it(self):
        path = self.file(self.DIVIDE.encode(), 'm.wat')
        self.assert_succeeds(swoop('run', '--invoke', 'div', path, 7, 2), '3\n')
        self.assert_succeeds(swoop('validate', path))
        self.assert_succeeds(swoop('compile', path))
        self.assertIn('i32.div_s', swoop('disasm', path).out)
        self.assertIn('WebAssembly text', swoop('inspect', path).out)

    def test_contents_decide_not_the_name(self):
        self.assert_succeeds(swoop('validate', self.file(b'\n ;; text\n(module)', 'm.wasm')))
        self.assert_succeeds(swoop('validate', self.file(HEADER, 'm.wat')))
        # Where the contents say nothing the name does: no field at all is a module, too.
        self.assert_succeeds(swoop('validate', self.file(b'', 'm.wat')))

    def test_standard_input(self):
        with open(self.file(self.DIVIDE.encode()), 'rb') as text:
            self.assert_succeeds(swoop('run', '--invoke', 'div', '-', 8, 2, stdin=text), '4\n')

    def test_long_text_is_read_to_its_end(self):
        path = self.file(b'(; ' + b'x' * 200_000 + b' ;)' + self.DIVIDE.encode())
        self.assert_succeeds(swoop('run', '--invoke', 'div', path, 8, 2), '4\n')

    def test_trap_names_lines(self):
        path = self.file(self.DIVIDE.encode(), 'm.wat')
        self.assert_fails(swoop('run', '--invoke', 'div', path, 1, 0), 134,
                          f'  at div (func 0, {path}:3:6)')

    def test_type_error_shows_the_line(self):
        for verb in ('run', 'validate', 'compile', 'disasm', 'wat2wasm'):
            result = swoop(verb, self.file(self.MISMATCH.encode(), 'm.wat'), cwd=self.scratch)
            self.assertEqual((result.returncode, result.out), (65, ''))
            self.assertEqual(result.err.replace(str(self.scratch) + '/', ''), """\
m.wat:5:6: error: invalid: type mismatch: operand 2 of i32.add: expected i32, found i64
  5 |     (i32.add
    |      ^
  --> function 1 "add"
""")

    def assert_place(self, text, place, message):
        result = swoop('validate', self.file(text.encode(), 'm.wat'))
        self.assertEqual(result.returncode, 65, result.out)
        self.assertTrue(result.err.startswith(f'{self.scratch}/m.wat:{place}: error: {message}'),
                        result.err)
        return result.err

    def test_invalid_fields_have_places(self):
        cases = [
            ('(module\n  (func $f)\n  (export "f" (func $f))\n  (export "f" (func $f)))', '4:3',
             'invalid: duplicate export name'),
            ('(module\n  (global i32\n    (i64.const 5)))', '3:6', 'invalid: type mismatch'),
            ('(module\n  (memory 1)\n  (data (i64.const 0) "x"))', '3:10', 'invalid: type mismatch'),
            ('(module\n  (table 1 funcref)\n  (elem (i32.const 0) funcref\n'
             '    (item (i32.const 1))))', '4:12', 'invalid: type mismatch'),
            ('(module\n  (func $f (param i32))\n  (start $f))', '3:3', 'invalid: start function'),
            ('(module\n  (type $a (func))\n  (type $b (sub $a (func))))', '3:9', 'invalid: sub type'),
            ('(module\n  (memory 2 1))', '2:3', 'invalid: size minimum'),
            ('(module\n  (func\n    i32.const 1\n    if\n      i64.const 1\n      drop\n'
             '      i32.eqz\n    end))', '7:7', 'invalid: type mismatch'),
            ('(module\n  (func (result i32)\n    (if (result i32) (f32.const 0)\n'
             '      (then (i32.const 1)) (else (i32.const 2)))))', '3:6', 'invalid: type mismatch'),
            ('(module\n  (func (result i32)\n    (block (result i32)\n      (nop)\n    )))', '5:5',
             'invalid: type mismatch'),
            ('(module\n  (func\n    (i32.load8_u offset=1\n     (i32.const 0))\n    drop))', '3:6',
             'invalid: unknown memory 0'),
        ]
        for text, place, message in cases:
            self.assert_place(text, place, message)

    def test_unsupported_instruction_has_a_place(self):
        text = '(module\n  (func (export "_start")\n    (drop (v128.const i64x2 0 0))))'
        result = swoop('run', self.file(text.encode(), 'm.wat'))
        if result.returncode != 0:
            self.assertIn('m.wat:3:12: error: unsupported: ', result.err)

    def test_ten_mistakes_of_beginners(self):
        cases = [
            ('(module\n  (func (export "f") (result i32)\n    (i32.const 1)\n  (func (export "g")))',
             '1:1', 'unclosed parenthesis',
             '(func in line 4 is still in the function of line 2: is a ) missing in front of it?'),
            ('(module\n  (func (param i32)\n    local.get 0\n    i32.addd))', '4:5',
             'unknown operator i32.addd', 'did you mean i32.add?'),
            ('(module\n  (func (param $left i32)\n    (drop (local.get $lfet))))', '3:22',
             'unknown local $lfet', 'did you mean $left?'),
            ('(module\n  (func $f)\n  (func $f))', '3:9', 'duplicate func $f', '  3 |   (func $f))'),
            ('(module (func (result i32)\n  (i32.wrap_i64 (i32.const 1))))', '2:4',
             'invalid: type mismatch: operand 1 of i32.wrap_i64: expected i64, found i32',
             '  --> function 0'),
            ('(module\n  (global i32 (i32.const 0x1g)))', '2:26', 'unexpected token 0x1g', 'number'),
            ('(module\n  (memory 1)\n  (data (i32.const 0) "hello\n  ))', '3:23', 'unclosed string',
             '  3 |   (data (i32.const 0) "hello'),
            ('(module (func\n  block $outer\n    loop $inner\n    end $outer\n  end))', '4:9',
             'mismatching label $outer, expected $inner', '    |         ^'),
            ('(module\n  (func $f)\n  (import "env" "log" (func)))', '3:3', 'import after func',
             'imports come before all functions'),
            ('(module\n  (func (param int32)))', '2:16', 'unknown type int32',
             'value types are i32, i64'),
        ]
        for text, place, message, more in cases:
            self.assertIn(more, self.assert_place(text, place, message))

    def test_more_hints(self):
        cases = [
            ('(module (func (i32.add 1 2)))', 'operands are instructions: (i32.const 1)'),
            ('(module (func (i32.eqz $x)))', 'operands are instructions: (local.get $x)'),
            ('(module (func)))', 'more closing parentheses than opening ones'),
            ('(module) (assert_return (invoke "f"))', 'swoop wast'),
            ('(module (function))', 'fields are type, import, func'),
        ]
        for text, hint in cases:
            result = swoop('validate', self.file(text.encode(), 'm.wat'))
            self.assertEqual(result.returncode, 65)
            self.assertIn(hint, result.err)

    def test_other_encodings(self):
        for encoding, hint in ('utf-8-sig', 'byte order mark'), ('utf-16', 'UTF-16'):
            result = swoop('validate', self.file('(module)'.encode(encoding), 'm.wat'))
            self.assertEqual(result.returncode, 65)
            self.assertIn(hint, result.err)

    def test_control_characters_are_not_shown(self):
        result = swoop('validate', self.file('(module \x1b[31m \u202e (func $x) '.encode(), 'm.wat'))
        self.assertEqual(result.returncode, 65)
        self.assertNotIn('\x1b', result.err)
        self.assertNotIn('\u202e', result.err)


class Convert(CommandTest):
    TEXT = '(module (func $answer (export "answer") (result i32) (i32.const 42)))'

    def text(self, contents=TEXT):
        return self.file(contents.encode(), 'm.wat')

    def test_writes_beside_the_text(self):
        self.assert_succeeds(swoop('wat2wasm', self.text()), '')
        wasm = self.scratch / 'm.wasm'
        self.assertTrue(wasm.read_bytes().startswith(HEADER))
        self.assert_succeeds(swoop('run', '--invoke', 'answer', wasm), '42\n')
        self.assertEqual(sorted(p.name for p in self.scratch.iterdir()), ['m.wasm', 'm.wat'])

    def test_output(self):
        to_file = self.scratch / 'out'
        self.assert_succeeds(swoop('wat2wasm', self.text(), '-o', to_file), '')
        piped = swoop('wat2wasm', self.text(), '-o', '-')
        self.assertEqual(piped.stdout, to_file.read_bytes())
        with open(self.text(), 'rb') as text:
            self.assertEqual(swoop('wat2wasm', '-', stdin=text).stdout, piped.stdout)

    def test_names(self):
        for options, expected in ([], 1), (['--no-names'], 0):
            wasm = swoop('wat2wasm', *options, '-o', '-', self.text()).stdout
            self.assertEqual(wasm.count(b'\4name'), expected)

    def test_round_trip(self):
        wasm = swoop('wat2wasm', '-o', '-', self.text()).stdout
        for options in [], ['--fold']:
            text = swoop('wasm2wat', *options, self.file(wasm))
            self.assert_succeeds(text)
            self.assertEqual('(i32.const 42)' in text.out, bool(options))
            again = swoop('wat2wasm', '-o', '-', self.file(text.stdout, 'again.wat')).stdout
            self.assertEqual(again, wasm)

    def test_wasm2wat_to_a_file(self):
        out = self.scratch / 'out.wat'
        self.assert_succeeds(swoop('wasm2wat', EXAMPLES / 'fib/fib.wasm', '-o', out), '')
        self.assert_succeeds(swoop('run', '--invoke', 'fib', out, 10), '55\n')

    def test_invalid_modules(self):
        bad = '(module (func (result i32)))'
        result = swoop('wat2wasm', self.text(bad))
        self.assertEqual(result.returncode, 65)
        self.assertIn(':1:27: error: invalid: type mismatch', result.err)
        self.assertFalse((self.scratch / 'm.wasm').exists())
        self.assert_succeeds(swoop('wat2wasm', '--no-validate', self.text(bad)))
        self.assert_fails(swoop('validate', self.scratch / 'm.wasm'), 65, 'type mismatch')

    def test_errors_leave_the_output_as_it_was(self):
        out = self.file(b'precious', 'out.wasm')
        self.assertEqual(swoop('wat2wasm', self.text('(module (fun))'), '-o', out).returncode, 65)
        self.assertEqual(swoop('wat2wasm', self.text('(module (func (result i32)))'), '-o',
                               out).returncode, 65)
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
        self.assert_fails(swoop('wat2wasm', self.text(), '-o', out, preexec_fn=limit), 70,
                          'cannot write')
        self.assertEqual(out.read_bytes(), b'precious')
        self.assertEqual(sorted(p.name for p in self.scratch.iterdir()), ['m.wat', 'out.wasm'])

    def test_keeps_links_and_permissions(self):
        target = self.file(b'', 'target.wasm')
        target.chmod(0o640)
        link = self.scratch / 'link.wasm'
        link.symlink_to(target)
        self.assert_succeeds(swoop('wat2wasm', self.text(), '-o', link))
        self.assertTrue(link.is_symlink())
        self.assertTrue(target.read_bytes().startswith(HEADER))
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)

    def test_never_replaces_its_input(self):
        path = self.text()
        self.assert_fails(swoop('wat2wasm', path, '-o', path), 64, 'would replace')
        self.assertEqual(path.read_text(), self.TEXT)
        wasm = self.file(HEADER)
        self.assert_fails(swoop('wasm2wat', wasm, '-o', wasm), 64, 'would replace')

    def test_no_binary_data_to_a_terminal(self):
        master, terminal = os.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, terminal)
        for output in '-', os.ttyname(terminal):
            result = subprocess.run([SWOOP, 'wat2wasm', str(self.text()), '-o', output],
                                    stdout=terminal, stderr=subprocess.PIPE, timeout=60)
            self.assertEqual(result.returncode, 64)
            self.assertIn(b'terminal', result.stderr)

    def test_tells_the_other_direction(self):
        self.assert_fails(swoop('wat2wasm', self.file(HEADER)), 65, 'swoop wasm2wat')
        self.assert_fails(swoop('wasm2wat', self.text()), 65, 'text already')
        self.assert_fails(swoop('wat2wasm', self.file(gzip.compress(b'x'))), 65, 'gzip')

    def test_broken_binary(self):
        self.assert_fails(swoop('wasm2wat', self.file(HEADER + b'\1\x60')), 65, 'malformed',
                          'is it complete?')
        self.assert_fails(swoop('wasm2wat', self.scratch / 'none'), 66, 'No such file')


class Inspect(CommandTest):
    def inspect(self, contents, code=0):
        result = swoop('inspect', '--json', self.file(contents))
        self.assertEqual(result.returncode, code, result.err)
        return json.loads(result.out)

    def wat(self, text):
        return self.inspect(text.encode())

    def test_fields(self):
        module = (one_function(b'', names='main') +
                  custom('producers', leb(2) + name('language') + leb(1) + name('C11') + name('') +
                         name('processed-by') + leb(1) + name('clang') + name('14.0.6')) +
                  custom('target_features', leb(2) + b'+' + name('simd128') + b'-' + name('atomics')))
        found = self.inspect(module)
        self.assertEqual(list(found), [
            'schema', 'file', 'kind', 'format', 'bytes', 'valid', 'error', 'entry', 'wasi',
            'features', 'target_features', 'producers', 'sections', 'types', 'imports', 'exports',
            'functions', 'tables', 'memories', 'globals', 'tags', 'start', 'element_segments',
            'data_segments', 'names', 'notes'])
        self.assertEqual(found['producers'], {
            'language': [{'name': 'C11', 'version': ''}],
            'processed-by': [{'name': 'clang', 'version': '14.0.6'}]})
        self.assertEqual(found['target_features'], ['+simd128', '-atomics'])
        self.assertEqual(found['names'], {'present': True, 'module': '', 'functions': 1})
        self.assertEqual([s['name'] for s in found['sections']],
                         ['type', 'function', 'memory', 'export', 'code', 'name', 'producers',
                          'target_features'])
        code = found['sections'][4]
        self.assertEqual((code['id'], code['size'], code['count']), (10, 4, 1))
        self.assertEqual(module[code['offset']:code['offset'] + code['size']], b'\1\2\0\x0b')
        self.assertEqual(found['exports'], [
            {'name': '_start', 'kind': 'func', 'index': 0, 'type': 'func () -> ()'},
            {'name': 'memory', 'kind': 'memory', 'index': 0, 'type': 'memory 1..'}])
        self.assertEqual((found['valid'], found['error'], found['entry'], found['wasi']),
                         (True, None, 'command', None))

    def test_all_kinds_of_entities(self):
        found = self.wat("""(module
          (import "env" "f" (func $f (param i32 f64) (result i64)))
          (import "env" "g" (global (mut i32)))
          (table 2 10 funcref) (memory 1 2) (global i32 (i32.const 1)) (tag)
          (start $main) (func $main)
          (elem (i32.const 0) $main $f) (elem declare func $f) (data "abc") (data (i32.const 0) "d"))
        """)
        self.assertEqual(found['imports'][0],
                         {'module': 'env', 'name': 'f', 'kind': 'func',
                          'type': 'func (i32, f64) -> i64'})
        self.assertEqual(found['imports'][1]['type'], 'global mut i32')
        self.assertEqual(found['functions'],
                         {'imported': 1, 'defined': 1, 'code_bytes': 4})
        self.assertEqual(found['globals'], {'imported': 1, 'defined': 1})
        for kind in 'tables', 'memories', 'tags':
            self.assertEqual(found[kind], {'imported': 0, 'defined': 1})
        self.assertEqual(found['start'], 1)
        self.assertEqual(found['element_segments'],
                         {'active': 1, 'passive': 0, 'declarative': 1, 'elements': 3})
        self.assertEqual(found['data_segments'], {'active': 1, 'passive': 1, 'bytes': 4})
        self.assertEqual((found['format'], found['entry']), ('text', 'library'))

    def test_types_have_the_indices_of_the_module(self):
        found = self.wat("""(module (type (func)) (type (func)) (type (array (mut i8)))
          (type (struct (field i32) (field (mut (ref null 2))))))""")
        self.assertEqual(found['types'], ['func () -> ()', 'func () -> ()', 'array (mut i8)',
                                          'struct (i32, mut (ref null 2))'])

    def test_features(self):
        cases = {
            '(func (drop (i32.extend8_s (i32.const 1))))': ['sign-extension'],
            '(func (drop (i32.trunc_sat_f32_s (f32.const 1))))': ['saturating-float-to-int'],
            '(func (result i32 i32) (i32.const 1) (i32.const 1))': ['multi-value'],
            '(func (i32.const 1) (block (param i32) (drop)))': ['multi-value'],
            '(import "m" "g" (global (mut i32)))': ['mutable-globals'],
            '(memory 1) (data "x")': ['bulk-memory'],
            '(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))':
                ['bulk-memory'],
            '(table 1 externref)': ['reference-types'],
            '(func (local externref))': ['reference-types'],
            '(func (local v128))': ['simd'],
            '(func (return_call 0))': ['tail-call'],
            '(global i32 (i32.add (i32.const 1) (i32.const 2)))': ['extended-const'],
            '(memory 1) (memory 1)': ['multi-memory'],
            '(memory i64 1)': ['memory64'],
            '(type (func)) (func (param (ref 0)))': ['function-references'],
            '(type (struct))': ['gc'],
            '(tag)': ['exceptions'],
            '(tag) (func (throw 0))': ['exceptions'],
            '(tag) (func (try (do) (catch_all (rethrow 0))) (throw 0))': ['legacy-exceptions'],
            '(memory 1 1 shared)': ['threads'],
            '(memory 1 (pagesize 1))': ['custom-page-sizes'],
            '(func (result i64 i64) (i64.mul_wide_u (i64.const 1) (i64.const 1)))':
                ['multi-value', 'wide-arithmetic'],
            '(memory 1) (func (param i32) (result i32) (local.get 0))': [],
        }
        for fields, features in cases.items():
            self.assertEqual(self.wat(f'(module {fields})')['features'], features, fields)

    def test_wasi_and_entry(self):
        importing = lambda module, exported: self.wat(
            f'(module (import "{module}" "f" (func)) (func (export "{exported}")))')
        self.assertEqual(importing('wasi_snapshot_preview1', '_start')['wasi'], 'preview1')
        self.assertEqual(importing('wasi_unstable', '_start')['wasi'], 'preview0')
        self.assertEqual(importing('wasi:cli/run@0.2.0', 'x')['wasi'], '0.2')
        self.assertEqual(importing('env', '_initialize')['entry'], 'reactor')

    def test_for_people(self):
        result = swoop('inspect', EXAMPLES / 'hello/hello.wasm')
        self.assert_succeeds(result)
        for line in (r'hello\.wasm: WebAssembly module, \d+ bytes, valid$', r'^kind +command',
                     r'^WASI +preview 1', r'^functions +\d+, \d+ of them imported; \d+ bytes of code',
                     r'^  code +0x[0-9a-f]+ +\d+ +\d+$',
                     r'^  wasi_snapshot_preview1\.fd_write +func \(i32, i32, i32, i32\) -> i32$',
                     r'^  _start +func \(\) -> \(\)$'):
            self.assertRegex(result.out, '(?m)' + line)

    def test_long_lists_are_cut(self):
        module = HEADER + section(1, *[func_type(I32 * i) for i in range(150)])
        result = swoop('inspect', self.file(module))
        self.assertIn('  ... and 50 more; --json has all\n', result.out)
        self.assertEqual(len(self.inspect(module)['types']), 150)

    def test_names_are_escaped(self):
        module = one_function(b'', exported='a\x1b[31mb', names='\x1b')
        self.assertNotIn('\x1b', swoop('inspect', self.file(module)).out)
        self.assertEqual(self.inspect(module)['exports'][0]['name'], 'a\x1b[31mb')

    def test_reads_what_it_can_of_broken_modules(self):
        bad_export = (HEADER + section(1, func_type(I32)) + section(3, b'\0') +
                      section(7, export('f', 9)) + section(10, body(b'')) + function_names((0, 'f')))
        found = self.inspect(bad_export, code=1)
        self.assertFalse(found['valid'])
        self.assertEqual(found['error'], {'kind': 'invalid', 'message': 'unknown function 9',
                                          'offset': bad_export.index(b'\1f\0\x09') + 3})
        self.assertEqual(found['types'], ['func (i32) -> ()'])
        self.assertEqual([s['name'] for s in found['sections']],
                         ['type', 'function', 'export', 'code', 'name'])
        self.assertTrue(found['names']['present'])

        result = swoop('inspect', self.file(bad_export))
        self.assertEqual(result.returncode, 1)
        self.assertIn('  0    func (i32) -> ()\n', result.out)
        self.assertIn('error: invalid: unknown function 9', result.err)

    def test_invalid_body(self):
        found = self.inspect(one_function(b'\x42\1\xc0\x1a'), code=1)  # i32.extend8_s of an i64
        self.assertEqual(found['error']['kind'], 'invalid')
        self.assertEqual(found['features'], ['sign-extension'])
        self.assertEqual(found['exports'][0]['name'], '_start')

    def test_truncated_module(self):
        module = (EXAMPLES / 'hello/hello.wasm').read_bytes()
        result = swoop('inspect', self.file(module[:len(module) // 2]))
        self.assertEqual(result.returncode, 1)
        self.assertIn('is it complete?', result.err)
        self.assertIn('wasi_snapshot_preview1.fd_write', result.out)
        self.assertNotIn('\n  data ', result.out)

    def test_every_prefix_can_be_inspected(self):
        module = one_function(b'\x41\1\x1a', names='f')
        for end in range(len(module)):
            result = swoop('inspect', self.file(module[:end]))
            is_valid = swoop('validate', '-q', self.file(module[:end])).returncode == 0
            self.assertEqual(result.returncode, 65 if end < 8 else 0 if is_valid else 1, end)

    def test_component(self):
        imports = b'\0' + name('wasi:cli/environment@0.2.0') + b'\5\0'
        exports = b'\0' + name('wasi:cli/run@0.2.0') + b'\5\0\0'
        component = (b'\0asm\x0d\0\1\0' + section(7) + section(10, imports) +
                     b'\1' + leb(len(HEADER)) + HEADER + section(11, exports))
        result = swoop('inspect', self.file(component))
        self.assertEqual(result.returncode, 65)
        self.assertIn('WebAssembly component', result.out)
        self.assertRegex(result.out, r'core module +0x[0-9a-f]+ +8')
        self.assertIn('wasi:cli/environment@0.2.0', result.out)
        self.assertIn('this is a component', result.err)
        found = self.inspect(component, code=65)
        self.assertEqual((found['kind'], found['imports'], found['exports']),
                         ('component', ['wasi:cli/environment@0.2.0'], ['wasi:cli/run@0.2.0']))

    def test_names_other_files(self):
        cases = {b'': 'an empty file', b'\x7fELF' + bytes(60): 'an ELF file',
                 b'MZ' + bytes(60): 'a PE file', b'\xcf\xfa\xed\xfe' + bytes(60): 'a Mach-O file',
                 b'\xca\xfe\xba\xbe\0\0\0\x34': 'a Java class',
                 b'\xca\xfe\xba\xbe\0\0\0\2': 'a universal Mach-O file',
                 b'\x28\xb5\x2f\xfd' + bytes(9): 'zstd', gzip.compress(b''): 'gzip',
                 b'!<arch>\n': 'an archive of object files', b'BC\xc0\xde': 'LLVM bitcode',
                 b'\0as': 'the first bytes of a module', b'\0asm\7\0\0\0': 'of another version'}
        for contents, text in cases.items():
            result = swoop('inspect', self.file(contents))
            self.assert_fails(result, 65, 'error: malformed: this is ' if text[0] == 'a' else '', text)
            self.assertEqual(len(result.err.splitlines()), 2)
            self.assertIn(text, self.inspect(contents, code=65)['description'])
        self.assert_fails(swoop('inspect', self.file(b'\x99' * 9)), 65, 'no WebAssembly module')
        self.assert_fails(swoop('inspect', self.scratch / 'none'), 66, 'No such file')


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
