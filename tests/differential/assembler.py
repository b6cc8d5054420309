"""Machine-made modules for the differential tests: instructions written as words of the text
format, by the rows of wasm/opcodes.def, and modules with names for what they hold. Sections are
put together by tests/bombs/bombs.py."""

import functools
import pathlib
import re
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'bombs'))
from bombs import module, name, s, u, vec

I32, I64, F32, F64, FUNCREF, EXTERNREF = 'i32', 'i64', 'f32', 'f64', 'funcref', 'externref'
NUMBERS = (I32, I64, F32, F64)
TYPES = {I32: b'\x7f', I64: b'\x7e', F32: b'\x7d', F64: b'\x7c', FUNCREF: b'\x70',
         EXTERNREF: b'\x6f', 'exnref': b'\x69', 'anyref': b'\x6e', 'i31ref': b'\x6c',
         'eqref': b'\x6d'}
BITS = {I32: 32, F32: 32, I64: 64, F64: 64}
LETTERS = {'i': I32, 'l': I64, 'f': F32, 'd': F64, 's': 'v128'}


class Row:
    """One instruction."""

    def __init__(self, fields):
        self.id, code, self.text, self.immediate, signature, self.group, self.feature = fields
        number, prefix = int(code, 16) & 0xfff, int(code, 16) >> 12
        self.bytes = bytes([prefix]) + u(number) if prefix else bytes([number])
        self.params = self.results = None  # up to the context
        if signature != 'special':
            self.params, self.results = ([LETTERS[c] for c in part if c != 'v']
                                         for part in signature.split('_'))


def read_rows():
    text = (ROOT / 'wasm' / 'opcodes.def').read_text()
    rows = (Row([field.strip().strip('"') for field in match.split(',')])
            for match in re.findall(r'^OP\((.*)\)$', text, re.M))
    return {row.id: row for row in rows}


def read_compiled():
    """The rows that the compiler knows, by the two lists of jit/prescan.h."""
    text = (ROOT / 'jit' / 'prescan.h').read_text()
    features = set(re.findall(r'case Feature::(\w+):', text))
    opcodes = set(re.findall(r'case Opcode::(\w+):', text))
    return {row.id: row for row in ROWS.values() if row.feature in features or row.id in opcodes}


ROWS = read_rows()
COMPILED = read_compiled()
BY_TEXT = {row.text: row for row in ROWS.values() if row.id != 'select_t'}


# --- Numbers

def signed(bits, value):
    """The number of so many bits in two's complement."""
    return (value + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)


def to_bits(type_, value):
    """The bits of a number, as one that is not negative."""
    if type_ in (I32, I64):
        return value % (1 << BITS[type_])
    return int.from_bytes(struct.pack('<f' if type_ == F32 else '<d', value), 'little')


def from_bits(type_, bits):
    if type_ in (I32, I64):
        return signed(BITS[type_], bits)
    encoded = bits.to_bytes(BITS[type_] // 8, 'little')
    return struct.unpack('<f' if type_ == F32 else '<d', encoded)[0]


def is_nan(type_, bits):
    infinity = 0x7f800000 if type_ == F32 else 0x7ff0 << 48
    return type_ in (F32, F64) and bits & (1 << BITS[type_] - 1) - 1 > infinity


# --- Instructions

def const(type_, value):
    """Integers by value, floats by value or, with `const_bits`, by bits."""
    return const_bits(type_, to_bits(type_, value))


def const_bits(type_, bits):
    row = ROWS[type_ + '_const'].bytes
    if type_ in (I32, I64):
        return row + s(signed(BITS[type_], bits))
    return row + bits.to_bytes(BITS[type_] // 8, 'little')


def block_type(word):
    if word == 'void':
        return b'\x40'
    return TYPES[word] if word in TYPES else s(int(word))


def number(text):
    return u(int(text, 0))


def memarg(memory, offset):
    """No hint of alignment, which says nothing about where the address is."""
    return (b'\0' if memory == 0 else b'\x40' + u(memory)) + u(offset)


def read_memarg(words):
    # "offset=8 memory=1", either of which may be missing.
    found = {'offset': 0, 'memory': 0}
    while words and '=' in words[0]:
        key, value = words.pop(0).split('=')
        found[key] = int(value, 0)
    return memarg(found['memory'], found['offset'])


def read_clauses(word):
    # "catch:TAG:LABEL,catch_all:LABEL"; "-" is none.
    kinds = {'catch': b'\0', 'catch_ref': b'\1', 'catch_all': b'\2', 'catch_all_ref': b'\3'}
    clauses = [] if word == '-' else [clause.split(':') for clause in word.split(',')]
    return vec(kinds[kind] + b''.join(map(number, indices)) for kind, *indices in clauses)


def read_labels(word):
    *labels, default = word.split(',')
    return vec(map(number, labels)) + number(default)


def in_order(*order):
    """Immediates that are so many words; the binary has them in this order."""
    def read(words):
        taken = [words.pop(0) for _ in order]
        return b''.join(number(taken[i]) for i in order)
    return read


def first(read):
    return lambda words: read(words.pop(0))


IMMEDIATES = {
    'none': lambda words: b'', 'memarg': read_memarg, 'block_type': first(block_type),
    'try_table': lambda words: block_type(words.pop(0)) + read_clauses(words.pop(0)),
    'br_table': first(read_labels), 'heap_type': first(lambda word: TYPES[word]),
    'i32': first(lambda word: s(signed(32, int(word, 0)))),
    'i64': first(lambda word: s(signed(64, int(word, 0)))),
    'f32': first(lambda word: struct.pack('<f', float(word))),
    'f64': first(lambda word: struct.pack('<d', float(word))),
    'call_indirect': in_order(0, 1),                                # type, table
    'elem_table': in_order(0, 1), 'data_mem': in_order(0, 1),       # segment, table or memory
    'two_mems': in_order(0, 1), 'two_tables': in_order(0, 1),       # to, from
    'select_types': first(lambda word: vec([TYPES[word]])),
} | {one: in_order(0) for one in ('local', 'global', 'label', 'func', 'tag', 'type', 'table',
                                  'memory', 'data', 'elem')}


@functools.cache
def code(text):
    """The bytes of instructions: "local.get 0 i32.const -1 i32.add". Immediates are words: numbers
    in the order of the binary, "br_table 0,1,2" with the default last, "select_t TYPE"."""
    words, out = text.split(), b''
    while words:
        word = words.pop(0)
        row = ROWS['select_t'] if word == 'select_t' else BY_TEXT[word]
        out += row.bytes + IMMEDIATES[row.immediate](words)
    return out


def get(local):
    return b'\x20' + u(local)


def put(local):
    return b'\x21' + u(local)


def tee(local):
    return b'\x22' + u(local)


# --- Modules

class Builder:
    """A module whose parts are added in any order."""

    def __init__(self):
        self.types, self.funcs, self.bodies, self.exports, self.imports = [], [], [], [], []
        self.num_imported_funcs = 0
        self.rest = {}  # what bombs.module takes besides

    def type(self, params, results):
        """The index of a function type."""
        entry = b'\x60' + vec(TYPES[t] for t in params) + vec(TYPES[t] for t in results)
        if entry not in self.types:
            self.types.append(entry)
        return self.types.index(entry)

    def import_func(self, from_, field, params, results):
        """Imported functions come before all others."""
        assert not self.funcs
        self.imports.append(name(from_) + name(field) + b'\0' + u(self.type(params, results)))
        self.num_imported_funcs += 1
        return self.num_imported_funcs - 1

    def declare(self, params, results):
        """The index of a function whose body comes later, by `define`."""
        self.funcs.append(self.type(params, results))
        self.bodies.append(None)
        return self.num_imported_funcs + len(self.funcs) - 1

    def define(self, func, local_types, body):
        """Neighbours of the same type are one run of locals."""
        runs = []
        for type_ in local_types:
            if runs and runs[-1][1] == type_:
                runs[-1][0] += 1
            else:
                runs.append([1, type_])
        content = vec(u(count) + TYPES[type_] for count, type_ in runs) + body + b'\x0b'
        self.bodies[func - self.num_imported_funcs] = u(len(content)) + content

    def func(self, params, results, body, local_types=(), export=None):
        func = self.declare(params, results)
        self.define(func, local_types, body)
        if export is not None:
            self.export(export, func)
        return func

    def export(self, as_, index, kind=b'\0'):
        self.exports.append(name(as_) + kind + u(index))

    def wasm(self):
        return module(types=self.types, imports=self.imports, funcs=self.funcs,
                      exports=self.exports, bodies=self.bodies, **self.rest)


def mix(accumulator, value):
    """local accumulator = 31 * accumulator + value, an i64 that `value` puts on the stack."""
    return (get(accumulator) + code('i64.const 31 i64.mul') + value + code('i64.add') +
            put(accumulator))


def hash_memory(accumulator, at, size_bytes, memory=0):
    """Mixes a memory of this size into a local; `at` is an i32 local that is 0."""
    return (code('loop void') +
            mix(accumulator, get(at) + ROWS['i64_load'].bytes + memarg(memory, 0)) +
            get(at) + code('i32.const 8 i32.add') + tee(at) + const(I32, size_bytes) +
            code('i32.lt_u br_if 0 end i32.const 0') + put(at))
