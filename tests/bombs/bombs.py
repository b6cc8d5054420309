"""Hostile modules of any size: valid WebAssembly that makes a careless compiler quadratic. Each kind
grows with one number N. The kinds here are written against this compiler; more, of the same form,
come from the script `gen_bombs.py` where there is one (find_generator). Used by the tests of this
folder and by `bench/compare bombs`."""

import concurrent.futures
import importlib.util
import os
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77  # Meson's exit code for a test that was skipped


class Kind:
    """make(N) gives a module; `size` is the N of which 4N is measured, `what` says what N counts."""

    def __init__(self, name, what, size, make):
        self.name, self.what, self.size, self.make = name, what, size, make


# --- The binary format, as much as is needed.

def u(n):
    out = bytearray()
    while n > 0x7f:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    return bytes(out) + bytes([n])


def s(n):
    out = bytearray()
    while not -64 <= n < 64:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    return bytes(out) + bytes([n & 0x7f])


def vec(items):
    items = list(items)
    return u(len(items)) + b''.join(items)


def name(text):
    return u(len(text)) + text.encode()


def section(number, content):
    return bytes([number]) + u(len(content)) + content


I32, I64, F64, FUNCREF, VOID = b'\x7f', b'\x7e', b'\x7c', b'\x70', b'\x40'
UNREACHABLE, BLOCK, LOOP, IF, ELSE, END = b'\0', b'\2', b'\3', b'\4', b'\5', b'\x0b'
BR, BR_IF, BR_TABLE, RETURN, CALL, DROP, SELECT = (b'\x0c', b'\x0d', b'\x0e', b'\x0f', b'\x10',
                                                   b'\x1a', b'\x1b')
ADD, EQZ = b'\x6a', b'\x45'
TRY, CATCH, THROW, CATCH_ALL, DELEGATE, TRY_TABLE = (b'\6', b'\7', b'\x08', b'\x19', b'\x18',
                                                     b'\x1f')
ONE_MEMORY = [b'\0\1']


def get(local):
    return b'\x20' + u(local)


def put(local):
    return b'\x21' + u(local)


def i32(value):
    return b'\x41' + s(value)


def func_type(params=(), results=()):
    return b'\x60' + vec(params) + vec(results)


T_UNARY, T_NOTHING = func_type([I32], [I32]), func_type()
WIDE = 1000  # the most parameters and results a type has


def body(code, local_runs=()):
    content = vec(local_runs) + code + END
    return u(len(content)) + content


def module(types=(), imports=(), funcs=(), tables=(), memories=(), tags=(), globals_=(), exports=(),
           elems=(), data_count=None, bodies=(), datas=(), custom=()):
    parts = [b'\0asm\1\0\0\0']
    for number, items in ((1, types), (2, imports), (3, [u(f) for f in funcs]), (4, tables),
                          (5, memories), (13, tags), (6, globals_), (7, exports), (9, elems)):
        if items:
            parts.append(section(number, vec(items)))
    if data_count is not None:
        parts.append(section(12, u(data_count)))
    if bodies:
        parts.append(section(10, vec(bodies)))
    if datas:
        parts.append(section(11, vec(datas)))
    return b''.join(parts) + b''.join(section(0, content) for content in custom)


EXPORT_F = [name('f') + b'\0\0']


def one(code, local_runs=(), types=(), funcs=(), bodies=(), **rest):
    """A module that exports one function f of type (i32) -> i32, which is function 0."""
    return module(types=[T_UNARY, *types], funcs=[0, *funcs], exports=EXPORT_F,
                  bodies=[body(code, local_runs), *bodies], **rest)


KINDS = {}


def kind(what, size):
    def add(make):
        key = 'own_' + make.__name__
        KINDS[key] = Kind(key, what, size, make)
        return make
    return add


# --- Locals and aliases

@kind('aliases of N locals at the bottom, N constants above, then the locals are set', 40_000)
def alias_under_constants(n):
    n = min(n, 49_000)
    code = b''.join(get(i + 1) for i in range(n)) + i32(1) * n
    code += b''.join(i32(2) + put(i + 1) for i in reversed(range(n)))
    return one(code + DROP * (2 * n) + get(0), [u(n) + I32])


@kind('the same with one local and N aliases of others between', 40_000)
def alias_under_aliases(n):
    n = min(n, 49_000)
    code = get(0) + b''.join(get(i + 1) for i in range(n)) + i32(7) + put(0)
    code += b''.join(i32(2) + put(i + 1) for i in range(n))
    return one(code + DROP * n, [u(n) + I32])


@kind('N functions of 50,000 locals that use the last', 200)
def locals_last(n):
    code = body(get(49_999) + DROP, [u(50_000) + I64])
    return module(types=[T_NOTHING], funcs=[0] * n, bodies=[code] * n)


@kind('N functions of 1,000 parameters', 5_000)
def wide_functions(n):
    return module(types=[func_type([I32] * WIDE)], funcs=[0] * n, bodies=[body(b'')] * n)


@kind('one function with 49,000 locals, N times set and used', 200_000)
def locals_live(n):
    code = b''.join(get(i * 7 % 49_000) + put((i * 11 + 1) % 49_000) for i in range(n))
    return one(code + get(0), [u(49_000) + I32])


# --- Operands, calls, spills

@kind('N values in registers and slots, a call after each', 50_000)
def spills_and_calls(n):
    step = get(0) + i32(3) + ADD + get(0) + CALL + u(1)
    return one(step * n + ADD * (2 * n - 1), types=[func_type([I32], [I32])], funcs=[1],
               bodies=[body(get(0))])


@kind('N calls with 1,000 arguments', 200)
def wide_calls(n):
    return one((get(0) * WIDE + CALL + u(1)) * n + get(0), types=[func_type([I32] * WIDE)],
               funcs=[1], bodies=[body(b'')])


@kind('N selects on a deep stack', 100_000)
def selects(n):
    return one(get(0) * (n + 1) + (get(0) + SELECT) * n)


@kind('N conversions that trap', 100_000)
def traps(n):
    return one((b'\x44' + struct.pack('<d', 1.5) + b'\xaa' + DROP) * n + get(0))


@kind('N divisions', 100_000)
def divisions(n):
    return one(get(0) + (i32(3) + b'\x6d') * n)


@kind('N calls of memory.fill', 50_000)
def fills(n):
    return one((i32(0) + i32(0) + i32(0) + b'\xfc\x0b\0') * n + get(0), memories=ONE_MEMORY)


@kind('N calls of memory.copy and memory.grow', 50_000)
def copies(n):
    return one((i32(0) * 3 + b'\xfc\x0a\0\0' + i32(0) + b'\x40\0' + DROP) * n + get(0),
               memories=ONE_MEMORY)


@kind('N loads of the second memory', 100_000)
def second_memory(n):
    return one((get(0) + b'\x28\x42\1\4' + DROP) * n + get(0), memories=ONE_MEMORY * 2)


@kind('N reads and writes of globals', 100_000)
def global_ops(n):
    return one((b'\x23\0\x24\0') * n + get(0), globals_=[I32 + b'\1' + i32(7) + END])


@kind('N times table.get and table.set', 50_000)
def table_ops(n):
    return one((i32(0) + i32(0) + b'\x25\0\x26\0') * n + get(0), tables=[FUNCREF + b'\0\1'])


@kind('N operands as numbers of five bytes', 100_000)
def long_numbers(n):
    return one((b'\x20\x80\x80\x80\x80\0' + DROP) * n + get(0))


# --- Control

@kind('N nested blocks of one result, one br_table to all', 15_000)
def br_table_results(n):
    code = (BLOCK + I32) * n + get(0) + get(0) + BR_TABLE + u(n - 1)
    return one(code + b''.join(u(i) for i in range(n)) + END * n)


@kind('N br_tables to 64 labels with two operands each, which must move', 8_000)
def br_table_moves(n):
    opened = b''.join(get(0) + BLOCK + u(1) for _ in range(64))
    table = (BLOCK + VOID + get(0) + BR_IF + u(0) + get(0) * 3 + BR_TABLE + u(64) +
             b''.join(u(i + 1) for i in range(64)) + u(64) + END)
    return one(opened + table * n + get(0) * 2 + (END + ADD) * 64 + ADD,
               types=[func_type([], [I32, I32])])


@kind('one br_table to N labels of 1,000 results', 500)
def br_table_wide(n):
    code = (BLOCK + u(1)) * n + i32(1) * WIDE + get(0) + BR_TABLE + u(n - 1)
    return one(code + b''.join(u(i) for i in range(n)) + END * n + DROP * WIDE + get(0),
               types=[func_type([], [I32] * WIDE)])


@kind('N br_if to a label with 1,000 results that must move', 4_000)
def br_if_wide(n):
    # Refused where the code is out of proportion: one more operand lies below those of the label.
    return one(BLOCK + u(1) + get(0) + i32(1) * WIDE + (get(0) + BR_IF + u(0)) * n +
               (put(0) + DROP * (WIDE - 1)) + put(0) + i32(1) * WIDE + END + DROP * WIDE + get(0),
               types=[func_type([], [I32] * WIDE)])


@kind('N br_if to a label with 1,000 results', 2_000)
def br_if_many_results(n):
    return one(BLOCK + u(1) + get(0) * WIDE + (get(0) + BR_IF + u(0)) * n + END + DROP * WIDE +
               get(0), types=[func_type([], [I32] * WIDE)])


@kind('N loops with 100 parameters, one in the other', 2_000)
def nested_parameters(n):
    return one(get(0) * 100 + (LOOP + u(1)) * n + END * n + DROP * 99,
               types=[func_type([I32] * 100, [I32] * 100)])


@kind('N dead blocks of 1,000 parameters', 2_000)
def dead_wide_blocks(n):
    return one(UNREACHABLE + (BLOCK + u(1) + END) * n + DROP * WIDE + get(0),
               types=[func_type([I32] * WIDE, [I32] * WIDE)])


@kind('N nested blocks with dead code after each', 50_000)
def dead_tails(n):
    return one((BLOCK + VOID) * n + UNREACHABLE + (END + i32(1) + DROP) * n + UNREACHABLE)


@kind('N br_if over all of N nested loops', 30_000)
def loops_outermost(n):
    return one(b''.join(LOOP + VOID + get(0) + EQZ + BR_IF + u(i) for i in range(n)) + END * n +
               i32(5))


# --- Exceptions

TAG = [b'\0' + u(1)]
THROWING = body(THROW + u(0))


@kind('N nested try_tables', 20_000)
def try_tables_nested(n):
    return one(BLOCK + VOID + (TRY_TABLE + VOID + b'\1\0\0\0') * n + CALL + u(1) + END * (n + 1) +
               get(0),
               types=[T_NOTHING], funcs=[1], bodies=[THROWING], tags=TAG)


@kind('a try_table with N clauses', 50_000)
def try_table_clauses(n):
    return one(BLOCK + VOID + TRY_TABLE + VOID + u(n) + b'\0\0\0' * n + CALL + u(1) + END + END +
               get(0), types=[T_NOTHING], funcs=[1], bodies=[THROWING], tags=TAG)


@kind('N try_tables after each other, with a call each', 30_000)
def try_tables_many(n):
    return one((BLOCK + VOID + TRY_TABLE + VOID + b'\1\0\0\0' + CALL + u(1) + END + END) * n +
               get(0), types=[T_NOTHING], funcs=[1], bodies=[THROWING], tags=TAG)


@kind('one try of the legacy proposal with N handlers', 50_000)
def try_handlers(n):
    return one(TRY + VOID + CALL + u(1) + (CATCH + u(0)) * n + CATCH_ALL + END + get(0),
               types=[T_NOTHING], funcs=[1], bodies=[THROWING], tags=TAG)


@kind('N nested tries of the legacy proposal that delegate to the outermost', 20_000)
def try_delegates(n):
    code = (TRY + VOID) * n + CALL + u(1)
    code += b''.join(DELEGATE + u(n - 1 - i) for i in range(n))
    return one(code + get(0), types=[T_NOTHING], funcs=[1], bodies=[THROWING], tags=TAG)


@kind('N throws of 100 values', 1_000)
def throws(n):
    code = (BLOCK + VOID + get(0) + EQZ + BR_IF + u(0) + get(0) * 100 + THROW + u(0) + END) * n
    return one(code + get(0), types=[func_type([I32] * 100)], tags=[b'\0' + u(1)])


# --- Types

def numbered_struct(i, prefix=b'\x5f'):
    """A type that no other number has."""
    return prefix + vec([(I64 if i >> bit & 1 else I32) + b'\0' for bit in range(20)])


@kind('a recursive group of N types', 30_000)
def one_recursive_group(n):
    types = [b'\x5f' + vec([b'\x63' + s((i + 1) % n) + b'\1']) for i in range(n)]
    return module(types=[b'\x4e' + vec(types)])


@kind('N recursive groups of two types that are all equal', 20_000)
def equal_groups(n):
    types = [b'\x4e' + vec([b'\x5f' + vec([b'\x63' + s(2 * i + 1) + b'\0']),
                            b'\x5f' + vec([b'\x63' + s(2 * i) + b'\0'])]) for i in range(n)]
    return module(types=types)


@kind('N chains of 63 subtypes', 500)
def subtype_chains(n):
    types = []
    for chain in range(n):
        base = len(types)
        types.append(b'\x50\0' + numbered_struct(chain))
        types += [b'\x50\1' + u(base + i) + numbered_struct(chain) for i in range(62)]
    return module(types=types)


@kind('N struct types of 1,000 fields that differ in the last', 500)
def wide_structs(n):
    return module(types=[b'\x5f' + vec([I32 + b'\0'] * 980 + [
        (I64 if i >> bit & 1 else I32) + b'\0' for bit in range(20)]) for i in range(n)])


@kind('N functions, each of a type of its own, all exported', 20_000)
def types_of_functions(n):
    types = [func_type([I64 if i >> bit & 1 else I32 for bit in range(18)]) for i in range(n)]
    return module(types=types, funcs=range(n), bodies=[body(b'')] * n,
                  exports=[name(str(i)) + b'\0' + u(i) for i in range(n)])


# --- Sections

@kind('N functions without code', 150_000)
def tiny_functions(n):
    return module(types=[T_NOTHING], funcs=[0] * n, bodies=[body(b'')] * n)


@kind('N functions imported and exported', 50_000)
def imports_and_exports(n):
    return module(types=[T_NOTHING], imports=[name('m') + name(str(i)) + b'\0\0' for i in range(n)],
                  exports=[name(str(i)) + b'\0' + u(i) for i in range(n)])


@kind('N globals that read an imported one', 50_000)
def globals_of_imports(n):
    return module(imports=[name('m') + name('g') + b'\3' + I32 + b'\0'],
                  globals_=[I32 + b'\0\x23\0' + END] * n)


@kind('a constant expression of N additions', 100_000)
def constant_expression(n):
    return module(globals_=[I32 + b'\0' + i32(1) + (i32(1) + ADD) * n + END])


@kind('a constant expression N values deep', 100_000)
def deep_constant_expression(n):
    return module(globals_=[I32 + b'\0' + i32(1) * (n + 1) + ADD * n + END])


@kind('N tables', 20_000)
def tables(n):
    return module(tables=[FUNCREF + b'\0\1'] * n)


@kind('N tags', 200_000)
def tags(n):
    return module(types=[T_NOTHING], tags=[b'\0\0'] * n)


@kind('a segment of N elements that are expressions', 100_000)
def element_expressions(n):
    return module(types=[T_NOTHING], funcs=[0], tables=[FUNCREF + b'\0' + u(n)],
                  elems=[b'\4' + i32(0) + END + vec([b'\xd2\0' + END] * n)], bodies=[body(b'')])


@kind('N passive segments of one expression', 50_000)
def passive_elements(n):
    return module(elems=[b'\5' + FUNCREF + vec([b'\xd0' + FUNCREF + END])] * n)


@kind('N passive data segments', 25_000)
def passive_data(n):
    return module(memories=ONE_MEMORY, data_count=n, datas=[b'\1' + name('x')] * n)


@kind('N names of locals', 50_000)
def names_of_locals(n):
    names = vec([u(0) + vec([u(i) + name(f'l{i}') for i in range(n)])])
    return module(types=[T_NOTHING], funcs=[0], bodies=[body(b'')],
                  custom=[name('name') + section(2, names)])


@kind('N names of functions, each of 100 bytes', 20_000)
def names_of_functions(n):
    names = vec([u(i) + name('x' * 94 + f'{i:06}') for i in range(n)])
    return module(types=[T_NOTHING], funcs=[0] * n, bodies=[body(b'')] * n,
                  custom=[name('name') + section(1, names)])


# --- More kinds

def find_generator():
    """gen_bombs.py: named by the environment, fetched by the project, or beside it; or None."""
    named = os.environ.get('SWOOP_BOMBS')
    places = [pathlib.Path(named)] if named else [
        ROOT / 'tools' / 'gen_bombs.py', ROOT.parent / 'shared' / 'tools' / 'gen_bombs.py']
    for place in places:
        if place.is_file():
            spec = importlib.util.spec_from_file_location('gen_bombs', place)
            generator = importlib.util.module_from_spec(spec)
            sys.dont_write_bytecode = True
            spec.loader.exec_module(generator)
            return generator
    print(f'SKIPPED: no gen_bombs.py: looked in {", ".join(map(str, places))}; set SWOOP_BOMBS to '
          'its path')
    return None


def all_kinds(generator):
    """The kinds of this file and of the generator, by name."""
    kinds = dict(KINDS)
    if generator is not None:
        kinds |= {key: Kind(key, what, size, make)
                  for key, (make, what, size) in generator.B.items()}
    return kinds


def every(function, items):
    """What the function returns for each item, in order, from as many threads as processors."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        yield from pool.map(function, items)


def conclude(checked, complaints, generator):
    """Prints the outcome of a test, and returns what the test ends with: a part that could not run
    is a skip, and in CI a failure."""
    for complaint in complaints:
        print('FAILED ', complaint)
    print(f'{checked}, {len(complaints)} complaints')
    if complaints:
        return 1
    if generator is None:
        return 1 if os.environ.get('CI') == 'true' else SKIPPED
    return 0


def exponent(points):
    """The slope of a line through (log n, log cost), by least squares."""
    import math
    xs, ys = ([math.log(point[axis]) for point in points] for axis in (0, 1))
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)


def leb(data, at):
    """(number, position behind it)"""
    number = shift = 0
    while True:
        number |= (data[at] & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at


def repeated(wasm, times):
    """A module with all functions of another so many times; the copies call the originals."""
    parts, at = [wasm[:8]], 8
    while at < len(wasm):
        number = wasm[at]
        size, start = leb(wasm, at + 1)
        content = wasm[start:start + size]
        if number in (3, 10):
            count, first = leb(content, 0)
            content = u(count * times) + content[first:] * times
        if number:  # names would be of the originals only
            parts.append(section(number, content))
        at = start + size
    return b''.join(parts)
