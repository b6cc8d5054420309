"""Modules whose shape is what is hard: many parameters and results, which go through registers, the
stack and buffers; frames larger than the short forms of addresses; branches just within and just
beyond the reach of short forms."""

import random
import re

from assembler import (Builder, F32, F64, I32, I64, NUMBERS, code, const, get, mix, put, to_bits, u,
                       vec)
from cases import Case, Module
from random_programs import CONSTANTS, WIDEN, without_nan

FROM_I64 = {I32: code('i32.wrap_i64'), I64: b'', F32: code('f32.convert_i64_s'),
            F64: code('f64.convert_i64_s')}
# Between numbers, without traps.
CONVERT = {(I32, I64): 'i64.extend_i32_s', (I32, F32): 'f32.convert_i32_u',
           (I32, F64): 'f64.convert_i32_s', (I64, I32): 'i32.wrap_i64',
           (I64, F32): 'f32.convert_i64_s', (I64, F64): 'f64.convert_i64_s',
           (F32, I32): 'i32.trunc_sat_f32_s', (F32, I64): 'i64.trunc_sat_f32_s',
           (F32, F64): 'f64.promote_f32', (F64, I32): 'i32.trunc_sat_f64_s',
           (F64, I64): 'i64.trunc_sat_f64_s', (F64, F32): 'f32.demote_f64'}


def convert(from_, to):
    return code(CONVERT[from_, to]) if from_ != to else b''


# --- Signatures

WIDE = ((1, 2), (9, 9), (17, 17), (40, 40), (200, 200), (999, 3), (3, 999), (1000, 1000))


class Wide:
    """A function of many parameters and results, called, thrown at and branched with in every way.
    Locals of its callers: the i64 they are called with, the hash, and one of each float."""

    LOCALS = [I64, F32, F64]

    def __init__(self, num_params, num_results):
        self.name = f'{num_params} parameters, {num_results} results'
        chooser = self.random = random.Random(self.name)
        self.params = [chooser.choice(NUMBERS) for _ in range(num_params)]
        self.results = [chooser.choice(NUMBERS) for _ in range(num_results)]
        self.arguments = b''.join(
            get(0) + FROM_I64[type_] if i % 5 == 0 else const(type_, i * 77 - 5000 if type_ in
                                                              (I32, I64) else i * .5 - 3)
            for i, type_ in enumerate(self.params))

    def sink(self, types):
        """Mixes what is on the stack into the hash, local 1."""
        scratch = {F32: 2, F64: 3}
        out = b''
        for type_ in reversed(types):
            out += without_nan(type_, scratch[type_]) if type_ in scratch else b''
            out += WIDEN[type_] + get(1) + code('i64.const 1000003 i64.mul i64.add') + put(1)
        return out

    def caller(self, builder, export, body):
        builder.func([I64], [I64], body + get(1), self.LOCALS, export=export)

    def first(self, with_exceptions):
        builder, module = Builder(), Module('a', b'')
        permuted = b''.join(
            get(i * 7 % len(self.params)) + convert(self.params[i * 7 % len(self.params)], type_)
            for i, type_ in enumerate(self.results))
        builder.func(self.params, self.results, permuted, export='wide')
        type_ = builder.type(self.params, self.results)
        sunk = self.sink(self.results)
        self.caller(builder, 'call', self.arguments + code('call 0') + sunk)
        self.caller(builder, 'indirect', self.arguments +
                    code(f'i32.const 1 call_indirect {type_} 0') + sunk)
        forever = builder.declare(self.params, self.results)
        builder.define(forever, [], b''.join(map(get, range(len(self.params)))) +
                       code(f'call {forever}'))
        self.caller(builder, 'forever', self.arguments + code(f'call {forever}') + sunk)
        through = builder.type([], self.params)
        self.caller(builder, 'branch', code(f'block {through}') + self.arguments + code(
            'local.get 0 i32.wrap_i64 i32.const 1 i32.and br_if 0 local.get 0 i32.wrap_i64 '
            'i32.const 7 i32.and br_table 0,0,0,0,0,0 end') + self.sink(self.params))
        kept = builder.type(self.params, self.params)
        self.caller(builder, 'block', self.arguments + code(
            f'block {kept} local.get 0 i32.wrap_i64 br_if 0 end loop {kept} local.get 0 i64.const '
            f'1 i64.shr_u local.tee 0 i64.const 0 i64.ne br_if 0 end') +
            self.sink(self.params))
        callers = ['call', 'indirect', 'branch', 'block']
        if with_exceptions:
            builder.rest['tags'] = [b'\0' + u(builder.type(self.params, []))]
            self.caller(builder, 'catch', code(f'block {through} try_table void catch:0:0') +
                        self.arguments + code('throw 0 end unreachable end') +
                        self.sink(self.params))
            callers.append('catch')
        builder.rest |= {'tables': [b'\x70\0\4'], 'memories': [b'\0\1'],
                         'elems': [b'\0' + const(I32, 1) + b'\x0b' + vec([u(0)])]}
        builder.export('table', 0, b'\1')
        for export in callers:
            for value in (0, 1, 2, 3, 7, 2 ** 64 - 5, 2 ** 40):
                module.call(export, [(I64, value)], [I64])
        module.call('forever', [(I64, 3)], [I64])
        module.call('call', [(I64, 9)], [I64])
        for _ in range(4):
            module.call('wide', [(type_, to_bits(type_, self.random.choice(CONSTANTS[type_])))
                                 for type_ in self.params], self.results)
        module.wasm = builder.wasm()
        return module

    def second(self):
        """Calls of another instance's function."""
        builder, module = Builder(), Module('b', b'')
        imported = builder.import_func('a', 'wide', self.params, self.results)
        builder.imports.append(u(1) + b'a' + u(5) + b'table' + b'\1\x70\0\4')
        type_ = builder.type(self.params, self.results)
        for export, call in (('imported', f'call {imported}'),
                             ('indirect', f'i32.const 1 call_indirect {type_} 0')):
            self.caller(builder, export, self.arguments + code(call) + self.sink(self.results))
            for value in (0, 5, 2 ** 33):
                module.call(export, [(I64, value)], [I64])
        builder.rest['memories'] = [b'\0\1']
        module.wasm = builder.wasm()
        return module

    def case(self, with_exceptions):
        return Case('shapes', self.name + (', thrown' if with_exceptions else ''),
                    [self.first(with_exceptions), self.second()])


# --- Frames

FRAMES = (20, 60, 130, 513, 1100, 2050, 4100, 8200, 20000, 49000)


def frame(num_locals, is_leaf):
    """Some of many locals are set, read, and kept as operands over changes and a call."""
    chooser = random.Random(f'{num_locals} {is_leaf}')
    kinds = [chooser.choice(NUMBERS) for _ in range(8)]
    types = [kinds[i * 8 // num_locals] for i in range(num_locals)]
    hash_ = 1 + num_locals
    used = sorted({i for i in (0, 1, 31, 32, 33, 63, 64, num_locals // 2, num_locals - 1,
                               *(chooser.randrange(num_locals) for _ in range(40)))
                   if i < num_locals})

    def read(i):
        return mix(hash_, get(1 + i) + convert(types[i], I64))

    def write(i):
        return get(0) + const(I64, 3 * i + 1) + code('i64.add') + FROM_I64[types[i]] + put(1 + i)

    def call(argument):
        return b'' if is_leaf else const(I64, argument) + code('call 0')
    body = b''.join(map(read, used)) + b''.join(map(write, used))
    body += mix(hash_, call(5)) if not is_leaf else b''
    body += b''.join(get(1 + i) for i in used)
    body += call(6) + (b'' if is_leaf else code('drop'))
    body += b''.join(map(write, used[::2]))
    for i in reversed(used):
        body += (convert(types[i], I64) + get(hash_) + code('i64.const 33 i64.mul i64.add') +
                 put(hash_))
    for i in used:
        if types[i] == I32:
            body += get(1 + i) + code('i32.const 0 i32.lt_s if void')
            body += mix(hash_, const(I64, i)) + code('end')
            body += get(1 + i) + get(1 + i) + code('i32.add') + put(1 + i)
        elif types[i] != I64:
            body += get(1 + i) + get(1 + i) + code(f'{types[i]}.mul') + put(1 + i)
    body += b''.join(map(read, used)) + get(hash_)
    builder, module = Builder(), Module('a', b'')
    builder.func([I64], [I64], code('local.get 0 i64.const 3 i64.mul'))
    builder.func([I64], [I64], body, [*types, I64], export='f')
    builder.func([I64], [I64], code('local.get 0 i64.const 1 i64.add call 2') +
                 get(num_locals) + code('drop'), [*types, I64], export='forever')
    for export, value in (('f', 0), ('f', 77), ('f', 2 ** 64 - 1), ('forever', 0), ('f', 5),
                          ('forever', 0)):
        module.call(export, [(I64, value)], [I64])
    module.wasm = builder.wasm()
    return Case('shapes', f'{num_locals} locals, {"a leaf" if is_leaf else "with calls"}', [module])


# --- Branches

# Local 0 counts what was executed, 1 chooses. FILL, which is one machine instruction, is what is
# branched over; NEAR and BIG are around the reach of short forms: 127 bytes on x86-64, 32 KiB and
# 1 MiB on AArch64.
ONE = code('local.get 0 i32.const 1 i32.add local.set 0')
HEAVY = code('local.get 3 i64.const 1234567891234567 i64.rem_u local.set 3')
BRANCHES = {
    'br_if': 'block void local.get 1 br_if 0 FILL end local.get 0',
    'br_if of a comparison': 'block void local.get 1 i32.const 1 i32.eq br_if 0 FILL end '
                             'local.get 0',
    'br_if of floats': 'block void local.get 1 f64.convert_i32_s local.get 2 f64.gt br_if 0 FILL '
                       'end local.get 0',
    'br_if of a bit': 'block void local.get 1 i32.const 1 i32.and br_if 0 FILL end local.get 0',
    'a trap of a division': 'i32.const 100 local.get 1 i32.div_s local.set 1 FILL local.get 0 '
                            'local.get 1 i32.add',
    'a trap of a truncation': 'f64.const 1e9 local.get 1 f64.convert_i32_s f64.div i32.trunc_f64_s '
                              'local.set 1 FILL local.get 0 local.get 1 i32.add',
    'a literal': 'f64.const 1.23456789e5 local.get 1 f64.convert_i32_s f64.add i32.trunc_f64_s '
                 'local.set 1 FILL local.get 0 local.get 1 i32.add',
    'br_table': 'block void block void block void local.get 1 br_table 0,1,2 end ONE end ONE FILL '
                'end local.get 0',
    'call_indirect': 'i32.const 7 local.get 1 call_indirect 1 0 local.set 1 FILL local.get 0 '
                     'local.get 1 i32.add',
    'a loop': 'loop void FILL local.get 1 i32.const 1 i32.sub local.tee 1 i32.const 0 i32.gt_s '
              'br_if 0 end local.get 0',
    'a loop to zero': 'loop void FILL local.get 1 i32.const 1 i32.sub local.tee 1 br_if 0 end '
                      'local.get 0',
    'if and else': 'local.get 1 if void FILL else FILL ONE end local.get 0',
    'three after each other': 'block void local.get 1 i32.const 1 i32.eq br_if 0 FILL local.get 1 '
                              'i32.const 2 i32.eq br_if 0 FILL ONE local.get 1 i32.const 3 i32.eq '
                              'br_if 0 FILL ONE end local.get 0',
}
NEAR = [*range(20, 46), *range(8178, 8196, 2)]
FAR = 30000  # of HEAVY


def branch(kind, sizes, filler):
    """A function for each size."""
    builder, module = Builder(), Module('a', b'')
    text = BRANCHES[kind]
    assert [builder.type([I32, I32], [I32]), builder.type([I32], [I32])] == [0, 1]
    for size in sizes:
        body = b''
        for word in re.split(r'(FILL|ONE)', text):
            body += {'FILL': filler * size, 'ONE': ONE}.get(word) or code(word)
        export = f'f{size}'
        builder.func([I32, I32], [I32], body, [F64, I64], export=export)
        for value in (1, 2, 3, 4) if 'loop' in kind else (0, 1, 2, 3, 4, 2 ** 32 - 1):
            module.call(export, [(I32, 5), (I32, value)], [I32])
    callee = builder.func([I32], [I32], code('local.get 0 i32.const 5 i32.mul'))
    builder.rest = {'tables': [b'\x70\0\4'],
                    'elems': [b'\0' + const(I32, 1) + b'\x0b' + vec([u(callee), u(0)])]}
    module.wasm = builder.wasm()
    return Case('shapes', f'{kind} over {sizes[0]} to {sizes[-1]}', [module])


def cases():
    for widths in WIDE:
        for with_exceptions in (False, True):
            yield Wide(*widths).case(with_exceptions)
    for num_locals in FRAMES:
        for is_leaf in (False, True):
            yield frame(num_locals, is_leaf)
    for kind in BRANCHES:
        yield branch(kind, NEAR, ONE)
        yield branch(kind, [FAR], HEAVY)
