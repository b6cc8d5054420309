"""One case for each instruction that Swoop compiles: with its operands in every place where a
compiler may find them (parameter, local, memory, global, result of a call, constant, the low half
of a dirty register), with few and with many values on the stack below, with operands at the
edges, traps included, and with the result consumed in every way. `cases` has them all."""

import itertools
import random

from assembler import (BITS, Builder, COMPILED, F32, F64, I32, I64, NUMBERS, ROWS, code, const,
                       const_bits, get, hash_memory, put, signed, to_bits, u, vec)
from cases import Case, Module

PAGE = 65536
INF, NAN = float('inf'), float('nan')


# --- Operands at the edges, as bits

def ints(bits, *more):
    near = [0, 1, 2, 3, 7, 10, 31, 32, 33, 63, 64, 127, 128, 255, 256, 1000, 4095, 4096, 32767,
            32768, 65535, 65536, 0xfff000, 0x1000000, 0x55555555, 0xff00ff, 1000000007]
    edges = [1 << bits - 1, (1 << bits - 1) - 1, (1 << bits - 1) + 1, (1 << bits - 2)]
    return unique(value % (1 << bits) for value in
                  [*near, *(-value for value in near), *(~value for value in near[:12]), *edges,
                   *more])


def unique(values):
    return list(dict.fromkeys(values))


def around(type_, values):
    """Floats and their neighbours."""
    return unique(bits for value in values for bits in
                  (to_bits(type_, value), to_bits(type_, value) + 1, to_bits(type_, value) - 1)
                  if 0 <= bits < 1 << BITS[type_])


LIMITS = [float(sign * 2 ** power) for power in (31, 32, 63, 64) for sign in (1, -1)]
PLAIN = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.25, INF, -INF, NAN]
FULL = {
    I32: ints(32),
    I64: ints(64, 1 << 31, 1 << 32, (1 << 32) - 1, -(1 << 31), -(1 << 31) - 1, -(1 << 32),
              0x5555555555555555, 0x0f0f0f0f0f0f0f0f, 0x123456789abcdef, 10 ** 18,
              (1 << 53) + 1, (1 << 54) + 3, 0x7fffff4000000001, 0x4000004000000001),
    F32: unique([to_bits(F32, value) for value in PLAIN] +
                around(F32, [*LIMITS, 8388608.0, -1.0, 16777216.0, 3e38, 1e-45, 1.1754944e-38])),
    F64: unique([to_bits(F64, value) for value in PLAIN] +
                around(F64, [*LIMITS, 2.0 ** 52, 2.0 ** 53, -1.0, -2.0 ** 31 - 1, 2.0 ** -126,
                             2.0 ** -149, 2.0 ** -150, 3.4028235677973366e38, 1e308, 5e-324]) +
                [to_bits(F64, value) for value in (-2147483648.5, 2147483647.5, 4294967295.5)]),
}
# Each with each, where there are two.
SHORT = {
    I32: [value % 2 ** 32 for value in (0, 1, 2, -1, 7, 31, 32, 255, 2 ** 31 - 1, -2 ** 31)],
    I64: [value % 2 ** 64 for value in (0, 1, 2, -1, 7, 63, 64, 2 ** 32, 2 ** 63 - 1, -2 ** 63)],
    F32: [to_bits(F32, value) for value in (0.0, -0.0, 1.0, -2.5, 3e38, 1e-45, INF, -INF, NAN)],
    F64: [to_bits(F64, value) for value in (0.0, -0.0, 1.0, -2.5, 1e308, 5e-324, INF, -INF, NAN)],
}
# Numbers that JavaScript would change on their way; given as integers.
ODD_NANS = {F32: [0x7fa00000, 0xffc12345, 0x7fffffff, 0xff800001],
            F64: [0x7ff4000000000000, 0xfff8123456789abc, 0x7fffffffffffffff, 0xfff0000000000001]}
INT_OF = {F32: I32, F64: I64}


# --- Numeric instructions

# These say exactly which NaN they give, so they are fed and looked at as integers.
EXACT = {f'{type_}_{name}' for type_ in (F32, F64)
         for name in ('abs', 'neg', 'copysign')} | {'f32_reinterpret_i32', 'f64_reinterpret_i64',
                                                    'i32_reinterpret_f32', 'i64_reinterpret_f64'}
REINTERPRET = {F32: 'f32.reinterpret_i32', F64: 'f64.reinterpret_i64'}
BACK = {F32: 'i32.reinterpret_f32', F64: 'i64.reinterpret_f64'}
PLACES = ('param', 'local', 'memory', 'global', 'call', 'wrap')
PARKED = 12  # more than there are registers to spare, of each kind
PARKED_AT = 4096


class Numeric:
    """The case of one row, with every so many-th of its functions."""

    def __init__(self, row, every=1):
        self.row, self.every, self.builder = row, every, Builder()
        self.num_wanted = 0
        self.module = Module('a', b'')
        self.exact = row.id in EXACT
        self.outer = [INT_OF.get(type_, type_) if self.exact else type_ for type_ in row.params]
        self.results = [INT_OF.get(type_, type_) if self.exact else type_ for type_ in row.results]
        self.random = random.Random(row.id)  # a number of the string, not of the process
        self.identity = {type_: self.builder.func([type_], [type_], get(0))
                         for type_ in unique(row.params)}
        self.builder.rest = {
            'memories': [b'\0\1'],
            'globals_': [{I32: b'\x7f', I64: b'\x7e', F32: b'\x7d', F64: b'\x7c'}[type_] + b'\1' +
                         const_bits(type_, 0) + b'\x0b' for type_ in NUMBERS],
            'datas': [b'\0' + const(I32, PARKED_AT) + b'\x0b' +
                      vec(bytes([17 * i % 251]) for i in range(16 * PARKED))]}

    def values(self, type_, table):
        if self.exact and type_ in INT_OF:
            return table[type_] + ODD_NANS[type_]
        return table[type_]

    def operand(self, place, i):
        type_ = self.row.params[i]
        raw = get(i) + (code(REINTERPRET[type_]) if self.exact and type_ in INT_OF else b'')
        if place == 'param':
            return raw
        if place == 'local':
            copy = len(self.outer) + i
            return raw + put(copy) + get(copy)
        if place == 'memory':
            at = 8 * i + 1024
            return (code('i32.const 0') + raw + code(f'{type_}.store offset={at} '
                    f'i32.const 0 {type_}.load offset={at}'))
        if place == 'global':
            index = NUMBERS.index(type_)
            return raw + code(f'global.set {index} global.get {index}')
        if place == 'call':
            return raw + code(f'call {self.identity[type_]}')
        if place == 'wrap':
            return raw + code('i64.extend_i32_u i64.const -0x2152411100000000 i64.or i32.wrap_i64')
        return const_bits(type_, place)

    def add(self, places, argument_lists, deep=False, consumer=None, into=None):
        """A function, and calls of it. A place that is a number is a constant. `into`: the result
        goes to the local that has this operand."""
        words = [place if isinstance(place, str) else f'0x{place:x}' for place in places]
        name = ' '.join([*words, *([f'into {into}'] if into is not None else []),
                         *(['deep'] if deep else []),
                         *([f'| {consumer}'] if consumer else [])])
        self.num_wanted += 1
        if name in self.module.results or self.num_wanted % self.every != 0:
            return
        row = self.row
        num_params = len(row.params)
        locals_ = list(row.params) + list(row.results) + [I64]
        first_result, parked_sum = 2 * num_params, 2 * num_params + len(row.results)
        body = b''
        if deep:
            for i in range(PARKED):
                body += code(f'i32.const 0 i64.load offset={PARKED_AT + 8 * i}')
                body += code(f'i32.const 0 f64.load offset={PARKED_AT + 8 * i}')
        body += b''.join(self.operand(place, i) for i, place in enumerate(places)) + row.bytes
        if into is not None:
            body += put(num_params + into) + get(num_params + into)
        results = self.results
        if consumer is not None:
            body += code(consumer)
            results = [I32]
        elif self.exact:
            body += b''.join(code(BACK[type_]) for type_ in row.results if type_ in BACK)
        if deep:
            # The values below must still be there.
            types = results
            locals_ = list(row.params) + list(types) + [I64]
            parked_sum = first_result + len(types)
            body += b''.join(put(first_result + i) for i in reversed(range(len(types))))
            for i in range(PARKED):
                body += code('i64.reinterpret_f64') + get(parked_sum) + code('i64.add')
                body += code('i64.add') + code('i64.const 7 i64.rotl') + put(parked_sum)
            body += b''.join(get(first_result + i) for i in range(len(types))) + get(parked_sum)
            results = [*results, I64]
        self.builder.func(self.outer, results, body, locals_, export=name)
        for arguments in argument_lists:
            # A parameter that is not used is there all the same.
            self.module.call(name, list(zip(self.outer, arguments)), results)

    def filled(self, places, lists):
        """Arguments: each of the lists for a place in turn, 0 where the place is a constant."""
        return [[0 if not isinstance(place, str) else value
                 for place, value in zip(places, values)] for values in lists]

    def case(self):
        if len(self.row.params) == 1:
            self.unary()
        else:
            self.binary()
        self.module.wasm = self.builder.wasm()
        return Case('single', self.row.text, [self.module])

    def places(self, i):
        return PLACES if self.row.params[i] == I32 else PLACES[:-1]

    def consumers(self):
        return CONSUMERS if self.row.group in ('test', 'compare') else []

    def unary(self):
        type_ = self.row.params[0]
        every = self.values(type_, FULL)
        some = self.values(type_, SHORT)
        for place in self.places(0):
            for deep in (False, True):
                values = every if place == 'param' and not deep else some
                self.add([place], [[value] for value in values], deep)
        for value in every:
            self.add([value], [[0]])
        if self.row.results == [type_]:
            self.add(['local'], [[value] for value in some], into=0)
        for consumer in self.consumers():
            for place in self.places(0):
                self.add([place], [[value] for value in some], consumer=consumer)

    def binary(self):
        types = self.row.params
        some = [self.values(type_, SHORT) for type_ in types]
        every = list(itertools.product(*some))
        sample = lambda count: self.random.sample(every, min(count, len(every)))
        if len(types) > 2:
            every = [tuple(self.random.choice(values) for values in some) for _ in range(100)]
        self.add(['param'] * len(types), every)
        for places in itertools.product(*(self.places(i) for i in range(len(types)))):
            if len(types) > 2 and self.random.random() > 0.1:
                continue
            for deep in (False, True):
                self.add(places, sample(6), deep)
        for i, type_ in enumerate(types):
            for value in self.values(type_, FULL):
                others = unique([0, *self.neighbours(type_, value),
                                 *self.random.sample(some[1 - i if len(types) == 2 else i], 4)])
                places = ['param'] * len(types)
                places[i] = value
                self.add(places, [[other] * len(types) for other in others])
            for value in self.random.sample(some[i], 3):
                for place in self.places(1 - i)[1:] if len(types) == 2 else ():
                    for deep in (False, True):
                        self.add([value, place] if i == 0 else [place, value], sample(3), deep)
        for i, type_ in enumerate(types):
            if self.row.results != [type_] or len(types) != 2:
                continue
            self.add(['local', 'local'], sample(20), into=i)
            for place in (*self.places(1 - i), *self.random.sample(some[1 - i], 3)):
                places = [place, place]
                places[i] = 'local'
                self.add(places, sample(6), into=i)
        for values in every:
            self.add(list(values), [[0] * len(types)])
        for consumer in self.consumers():
            self.add(['param'] * len(types), every, consumer=consumer)
            for i, type_ in enumerate(types):
                for value in some[i]:
                    places = ['param'] * len(types)
                    places[i] = value
                    others = unique([0, *self.neighbours(type_, value)])
                    self.add(places, [[other] * len(types) for other in others],
                             consumer=consumer)
            for places in itertools.product(*(self.places(i)[1:] for i in range(len(types)))):
                self.add(places, sample(3), consumer=consumer)

    @staticmethod
    def neighbours(type_, value):
        return [(value + delta) % (1 << BITS[type_]) for delta in (-1, 0, 1)]


CONSUMERS = ['if i32 i32.const 5 else i32.const 6 end', 'i32.eqz if i32 i32.const 5 else '
             'i32.const 6 end', 'i32.eqz', 'i32.eqz i32.eqz',
             'if void i32.const 7 return end i32.const 8']


def division(type_):
    """Divisions by constants, four at a time: machine code is another one for each."""
    bits = BITS[type_]
    chooser = random.Random(f'division {type_}')
    divisors = {1, 2, 3, 5, 6, 7, 9, 10, 11, 12, 13, 25, 60, 100, 125, 127, 255, 625, 641, 1000,
                3600, 86400, 1000000007, 0x55555555, 0x33333333}
    for power in range(1, bits):
        divisors |= {1 << power, (1 << power) + 1, (1 << power) - 1, 3 << power}
    if type_ == I64:
        divisors |= {6700417, 10 ** 9, 10 ** 12, 10 ** 18, 274177, 67280421310721,
                     0x5555555555555555, 0xcccccccccccccccd, 0xfffffffffffffffb}
    divisors |= {-divisor for divisor in divisors}
    while len(divisors) < 12 * bits:
        divisors.add(chooser.getrandbits(chooser.randint(2, bits - 1)) * chooser.choice([1, -1]))
    divisors = {divisor % (1 << bits) for divisor in divisors} - {0, (1 << bits) - 1}
    builder, module = Builder(), Module('a', b'')
    dividends = SHORT[type_] + [0x55555555, 12345678, -12345678 % (1 << bits)]
    operations = [f'{type_}.{name}' for name in ('div_s', 'div_u', 'rem_s', 'rem_u')]
    for divisor in sorted(divisors):
        export = f'by {signed(bits, divisor)}'
        results = [type_] * 4
        builder.func([type_], results, b''.join(get(0) + const(type_, divisor) + code(operation)
                                                for operation in operations), export=export)
        near = [(divisor * factor + delta) % (1 << bits)
                for factor, delta in ((1, 0), (1, -1), (1, 1), (2, 0), (3, -1), (3, 1))]
        for dividend in chooser.sample(dividends, 4) + near + [chooser.getrandbits(bits)]:
            module.call(export, [(type_, dividend)], results)
    module.wasm = builder.wasm()
    return Case('single', f'{type_} division by constants', [module])


# --- Loads and stores

OFFSETS = (0, 1, 4095, 4096, 4097, 32760, 65527, 65528, 65535, 65536, 1 << 24, 2 ** 31 - 1, 1 << 31,
           2 ** 32 - 8, 2 ** 32 - 1)
INDICES = (0, 1, 8, 4095, PAGE - 8, PAGE - 7, PAGE - 4, PAGE - 3, PAGE - 2, PAGE - 1, PAGE,
           2 ** 31 - 1, 1 << 31, 2 ** 32 - 8, 2 ** 32 - 1)
# How the address is made, and with which index (INDICES) to call.
ADDRESSES = {
    'param': 'local.get 0',
    'dirty': 'local.get 0 i64.extend_i32_u i64.const -0x2152411100000000 i64.or i32.wrap_i64',
    'loaded': 'i32.const 16 local.get 0 i32.store i32.const 16 i32.load',
    'call': 'local.get 0 call 0',
    'sum': 'local.get 0 i32.const 4096 i32.sub i32.const 4096 i32.add',
    'scaled': 'local.get 0 i32.const 3 i32.shr_u i32.const 3 i32.shl',
    'added': 'local.get 0 i32.const 1 i32.shr_u local.get 0 i32.const 1 i32.shr_u i32.add',
    'masked': 'local.get 0 i32.const 0xffff i32.and',
    'shifted': 'local.get 0 i32.const 16 i32.shr_u',
}


def memory_builder(num_memories=1):
    builder = Builder()
    pattern = bytes((7 * i * i + i) % 256 for i in range(256))
    datas = []
    for memory in range(num_memories):
        for at in (0, 4090, PAGE - 256):
            where = b'\0' if memory == 0 else b'\2' + u(memory)
            datas.append(where + const(I32, at) + b'\x0b' + vec(bytes([b]) for b in pattern))
    builder.rest = {'memories': [b'\1\1\3'] * num_memories, 'datas': datas}
    return builder


def add_hash(builder, module, num_memories=1):
    body = b''.join(hash_memory(1, 0, PAGE, memory) for memory in range(num_memories)) + get(1)
    builder.func([], [I64], body, [I32, I64], export='hash')
    module.results['hash'] = [I64]


def access(row, memory=0):
    """A load or a store."""
    builder, module = memory_builder(memory + 1), Module('a', b'')
    builder.func([I32], [I32], get(0))  # function 0, which addresses call
    add_hash(builder, module, memory + 1)
    is_store = row.group == 'store'
    value_type = row.params[1] if is_store else row.results[0]
    exact = INT_OF.get(value_type, value_type)
    back = code(BACK[value_type]) if value_type in BACK else b''
    values = {'param': get(1) + (code(REINTERPRET[value_type]) if value_type in BACK else b'')}
    if is_store:
        values |= {f'0x{bits:x}': const_bits(value_type, bits)
                   for bits in SHORT[value_type][:4] + ODD_NANS.get(value_type, [])[:2] +
                   ([0x12345678] if value_type in (I32, I64) else [])}
    params = [I32, exact] if is_store else [I32]
    given = 0x8192a3b4c5d6e7f8 % (1 << BITS[exact])
    where = f'memory={memory} ' if memory else ''

    def add(name, address, offset, value, indices):
        results = [] if is_store else [exact]
        operation = code(f'{row.text} offset={offset} {where}')
        body = address + (values[value] + operation if is_store else operation + back)
        if is_store:  # the value is still what it was
            results, body = [exact], body + get(1)
        builder.func(params, results, body, export=name)
        for index in indices:
            module.call(name, [(I32, index), (exact, given)][:len(params)], results)
        if is_store:
            module.calls.append(('hash', []))

    for offset in OFFSETS:
        for name, address in ADDRESSES.items():
            is_main = name in ('param', 'dirty')
            if not is_main and offset not in (0, 4095, 65528, 1 << 31, 2 ** 32 - 1):
                continue
            chosen = INDICES if is_main else INDICES[1::3]
            add(f'{name}+{offset}', code(address), offset, 'param', chosen)
        for index in INDICES if offset in (0, 4096, 65535, 2 ** 32 - 1) else INDICES[::4]:
            add(f'{index}+{offset}', const(I32, index), offset, 'param', [0])
    for value in list(values)[1:]:
        add(f'param+8 = {value}', get(0), 8, value, INDICES[::4])
    # Twice with the same address: the second check can be left out, unless something came between.
    for between in ('', 'i32.const 100 local.set 0', 'i32.const 0 memory.grow 0 drop'):
        name = f'twice, between: {between or "nothing"}'
        one = get(0) + (values['param'] + code(f'{row.text} offset=4 {where}') if is_store else
                        code(f'{row.text} offset=4 {where}') + back)
        two = get(0) + (values['param'] + code(f'{row.text} offset=12 {where}') if is_store else
                        code(f'{row.text} offset=12 {where}') + back)
        results = [exact] if is_store else [exact, exact]
        builder.func(params, results, one + code(between) + two + (get(1) if is_store else b''),
                     export=name)
        for index in INDICES:
            module.call(name, [(I32, index), (exact, given)][:len(params)], results)
            if is_store:
                module.calls.append(('hash', []))
    module.calls.append(('hash', []))
    module.wasm = builder.wasm()
    return Case('single', row.text + (f' in memory {memory}' if memory else ''), [module])


RANGE_SIZES = (0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 144, 200,
               PAGE, PAGE + 1, 2 ** 32 - 1)


def ranges(row, to=0, from_=0):
    """memory.copy, memory.fill and memory.init, of constant sizes too."""
    num_memories = max(to, from_) + 1
    builder, module = memory_builder(num_memories), Module('a', b'')
    add_hash(builder, module, num_memories)
    builder.rest['datas'].append(b'\1' + vec(bytes([255 - i]) for i in range(200)))
    segment = len(builder.rest['datas']) - 1
    builder.rest['data_count'] = segment + 1
    if row.id == 'memory_copy':
        operation, seconds = code(f'memory.copy {to} {from_}'), (0, 5, 4100, PAGE - 16, PAGE)
    elif row.id == 'memory_init':
        operation, seconds = code(f'memory.init {segment} {to}'), (0, 5, 190, 200, 201)
    else:
        operation, seconds = code(f'memory.fill {to}'), (0, 0x1ff, 0x80)
    firsts = (0, 3, 12, 4096, PAGE - 33, PAGE - 1, PAGE, 2 ** 32 - 1)

    def call(name, arguments):
        module.call(name, [(I32, argument) for argument in arguments])
        module.calls.append(('hash', []))

    builder.func([I32] * 3, [], get(0) + get(1) + get(2) + operation, export='variable')
    for size in RANGE_SIZES:
        name = f'size {size}'
        builder.func([I32] * 2, [], get(0) + get(1) + const(I32, size) + operation, export=name)
        for first, second in itertools.product(firsts, seconds[:3]):
            call(name, [first, second])
        for second in seconds:
            name = f'size {size}, second {second}'
            builder.func([I32], [], get(0) + const(I32, second) + const(I32, size) + operation,
                         export=name)
            for first in (7, PAGE - 64, PAGE - 1):
                call(name, [first])
        for first in (0, 4000, PAGE - 100):
            name = f'first {first}, size {size}'
            builder.func([I32], [], const(I32, first) + get(0) + const(I32, size) + operation,
                         export=name)
            call(name, [seconds[1]])
        for first, second in ((40, seconds[0]), (PAGE - 64, seconds[-1]), (44, seconds[1])):
            call('variable', [first, second, size])
    suffix = '' if num_memories == 1 else f' of memories {to} and {from_}'
    module.wasm = builder.wasm()
    return Case('single', row.text + suffix, [module])


# --- All other instructions: functions of i32 in a module that has some of everything

# Types 0: (i32) -> (i32), 1: (i32 i32) -> (i32), 2: () -> (). Functions 0: n + 1, 1: a * b,
# 2: nothing, 3: a trap. Table 0 of 10 functions: 2: n + 1, 3: a * b, 4: nothing, 5: n + 1. Elements
# 1: passive, n + 1, null, a * b. Globals 0 to 3: one of each number. Tags 0: nothing, 1: i32,
# 2: i64 and f64. `fx N` is written for parameters: the function has N of them.
X = 'local.get 0'
TEMPLATES = {
    'unreachable': ['unreachable', f'{X} if void unreachable end i32.const 1',
                    f'block void {X} br_if 0 unreachable end i32.const 2'],
    'nop': [f'nop {X} nop'],
    'block': [f'block i32 {X} end', f'block void {X} br_if 0 i32.const 9 return end i32.const 8',
              f'{X} block 0 i32.const 5 i32.add end', f'i32.const 1 {X} block 1 i32.sub end'],
    'loop': [f'loop void {X} i32.const 3 i32.sub local.tee 0 i32.const 0 i32.gt_s br_if 0 end {X}',
             f'{X} loop 0 i32.const 1 i32.shr_u local.tee 0 local.get 0 br_if 0 end',
             f'i32.const 0 local.set 1 loop i32 local.get 1 i32.const 1 i32.add local.tee 1 '
             f'i32.const 100 i32.lt_u br_if 0 local.get 1 {X} i32.add end'],
    'if_': [f'{X} if void i32.const 5 local.set 0 end {X}',
            f'i32.const 4 {X} if 0 i32.const 6 i32.mul end',
            f'i32.const 0 if i32 i32.const 1 else {X} end', f'i32.const 3 if i32 {X} else '
            'unreachable end'],
    'else_': [f'{X} if i32 i32.const 7 else i32.const 9 end',
              f'{X} i32.const 1 i32.and if i32 {X} i32.const 3 i32.mul i32.const 1 i32.add else '
              f'{X} i32.const 1 i32.shr_u end',
              f'{X} if void else i32.const 4 return end i32.const 2'],
    'end': [f'{X}'],
    'br': [f'block i32 {X} br 0 end', f'block void br 0 unreachable end {X}',
           f'block i32 block i32 i32.const 1 {X} br 1 end drop i32.const 2 end',
           f'i32.const 3 block i32 i32.const 1 i32.const 2 {X} br 0 end i32.add', f'{X} br 0'],
    'br_if': [f'block i32 i32.const 5 {X} br_if 0 drop i32.const 6 end',
              f'block i32 i32.const 1 i32.const 5 {X} br_if 0 i32.add end',
              f'i32.const 9 {X} br_if 0 i32.const 4 i32.add',
              f'block void i32.const 1 br_if 0 unreachable end i32.const 0 if void unreachable end '
              f'{X}'],
    'br_table': [f'block void block void block void {X} br_table 0,1,2 end i32.const 10 return end '
                 'i32.const 20 return end i32.const 30',
                 f'block i32 block i32 i32.const 5 {X} br_table 0,1,0,1,1 end i32.const 1 i32.add '
                 'end', f'block void {X} br_table 0 end i32.const 3',
                 f'block void block void {X} br_table 1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,0,1 end '
                 'i32.const 10 return end i32.const 20', f'i32.const 8 {X} br_table 0,0'],
    'return_': [f'{X} return', f'i32.const 1 {X} return',
                f'{X} if void i32.const 3 return end {X}'],
    'call': [f'{X} call 0', f'{X} i32.const 3 call 1', f'call 2 {X}', f'{X} call 0 {X} call 1',
             f'i32.const 5 {X} call 0 i32.sub', f'{X} if i32 call 3 {X} else i32.const 1 end'],
    'call_indirect': [f'i32.const 20 {X} call_indirect 0 0', f'{X} i32.const 2 call_indirect 0 0',
                      f'{X} i32.const 3 i32.const 3 call_indirect 1 0', f'{X} call_indirect 2 0 '
                      'i32.const 1', f'{X} i32.const 9 call_indirect 0 0',
                      f'{X} i32.const 10 call_indirect 0 0', f'{X} i32.const -1 call_indirect 0 0',
                      f'i32.const 4 i64.const -0x2152411100000000 {X} i64.extend_i32_u i64.or '
                      'i32.wrap_i64 call_indirect 0 0'],
    'drop': [f'{X} {X} call 0 drop', f'{X} i32.const 1 drop', f'{X} i32.const 4 i32.load drop'],
    'select': [f'i32.const 5 i32.const 6 {X} select', f'{X} i32.const 0 {X} i32.const 3 i32.lt_s '
               'select', f'i64.const 5 i64.const -1 {X} select i32.wrap_i64',
               f'f64.const 1.5 f64.const -3 {X} select i32.trunc_f64_s',
               f'f32.const 1.5 {X} f32.convert_i32_s {X} i32.eqz select i32.trunc_sat_f32_s',
               f'{X} call 0 {X} call 0 {X} select', f'{X} i32.const 7 i32.const 0 select'],
    'select_t': [f'i32.const 5 i32.const 6 {X} select_t i32',
                 f'ref.func 0 ref.null funcref {X} select_t funcref ref.is_null',
                 f'f64.const 1.5 f64.const -3 {X} select_t f64 i32.trunc_f64_s'],
    'local_get': [X, f'{X} i32.const 3 local.set 0 {X} i32.add'],
    'local_set': [f'{X} local.set 1 local.get 1', f'{X} {X} i32.const 1 i32.add local.set 0 {X} '
                  'i32.mul', f'{X} i32.const 5 local.set 0'],
    'local_tee': [f'{X} call 0 local.tee 0 {X} i32.mul', f'{X} {X} call 0 local.tee 0 i32.sub'],
    'global_get': ['global.get 0', f'global.get 1 i32.wrap_i64 {X} i32.add',
                   'global.get 2 i32.trunc_sat_f32_s', 'global.get 3 i32.trunc_sat_f64_s'],
    'global_set': [f'{X} global.set 0 global.get 0', f'{X} i64.extend_i32_s global.set 1 '
                   'global.get 1 i32.wrap_i64', f'{X} f32.convert_i32_s global.set 2 global.get 2 '
                   'i32.trunc_sat_f32_s', f'global.get 0 {X} global.set 0 i32.const 3 i32.add',
                   f'{X} f64.convert_i32_s global.set 3 global.get 3 i32.trunc_sat_f64_s'],
    'i32_const': ['i32.const 0', 'i32.const -1', 'i32.const 0x7fffffff', 'i32.const 0x12345678',
                  'i32.const 0xffff', 'i32.const 0xffff0000', 'i32.const -65537'],
    'i64_const': [f'i64.const {value} local.tee 2 i64.const 32 i64.shr_u local.get 2 i64.xor '
                  'i32.wrap_i64' for value in
                  (0, -1, 1 << 31, 1 << 32, -(1 << 31) - 1, 0xffff << 32, -(0xffff << 16) - 1,
                   0x123456789abcdef, 1 << 62)],
    'f32_const': [f'f32.const {value} i32.reinterpret_f32' for value in
                  (0, -0.0, 1, -1.5, 2, 31, 0.125, 1e10, 1e-45, 3e38, 'inf', '-inf', 'nan')],
    'f64_const': [f'f64.const {value} i64.reinterpret_f64 local.tee 2 i64.const 32 i64.shr_u '
                  'local.get 2 i64.xor i32.wrap_i64' for value in
                  (0, -0.0, 1, -1.5, 2, 31, 0.125, 1e10, 5e-324, 1e308, 'inf', '-inf', 'nan')],
    'memory_size': ['memory.size 0', f'{X} memory.grow 0 drop memory.size 0'],
    'memory_grow': [f'{X} memory.grow 0', 'i32.const 1 memory.grow 0',
                    f'{X} memory.grow 0 memory.size 0 i32.const 1000 i32.mul i32.add',
                    'i32.const 1 memory.grow 0 i32.const 65536 i32.load drop',
                    f'{X} i32.load i32.const 1 memory.grow 0 i32.add'],
    'data_drop': [f'data.drop 0 i32.const 0 i32.const 0 {X} memory.init 0 0 i32.const 1',
                  'i32.const 8 i32.const 0 i32.const 4 memory.init 0 0 data.drop 0 i32.const 8 '
                  'i32.load'],
    'table_get': [f'{X} table.get 0 ref.is_null', 'i32.const 3 table.get 0 ref.is_null',
                  'i32.const 10 table.get 0 ref.is_null'],
    'table_set': [f'{X} ref.func 0 table.set 0 i32.const 41 {X} call_indirect 0 0',
                  f'{X} ref.null funcref table.set 0 {X} table.get 0 ref.is_null',
                  'i32.const 9 i32.const 3 table.get 0 table.set 0 i32.const 5 i32.const 6 '
                  'i32.const 9 call_indirect 1 0'],
    'table_size': ['table.size 0', f'ref.null funcref {X} table.grow 0 drop table.size 0'],
    'table_grow': [f'ref.null funcref {X} table.grow 0', 'ref.func 0 i32.const 3 table.grow 0 '
                   'local.tee 1 local.get 1 call_indirect 0 0'],
    'table_fill': [f'{X} ref.func 0 i32.const 3 table.fill 0 i32.const 1 {X} call_indirect 0 0',
                   f'i32.const 4 ref.null funcref {X} table.fill 0 i32.const 5 table.get 0 '
                   'ref.is_null'],
    'table_copy': [f'{X} i32.const 2 i32.const 3 table.copy 0 0 i32.const 5 {X} call_indirect 0 0',
                   f'i32.const 0 {X} i32.const 2 table.copy 0 0 i32.const 0 table.get 0 '
                   'ref.is_null', f'i32.const 5 i32.const 4 {X} table.copy 0 0 i32.const 1'],
    'table_init': [f'{X} i32.const 0 i32.const 3 table.init 1 0 i32.const 5 {X} call_indirect 0 0',
                   f'i32.const 0 {X} i32.const 2 table.init 1 0 i32.const 0 table.get 0 '
                   'ref.is_null', f'i32.const 0 i32.const 1 {X} table.init 1 0 i32.const 1'],
    'elem_drop': [f'elem.drop 1 i32.const 0 i32.const 0 {X} table.init 1 0 i32.const 1'],
    'ref_null': ['ref.null funcref ref.is_null', 'ref.null externref ref.is_null'],
    'ref_is_null': [f'{X} table.get 0 ref.is_null', f'ref.func 0 ref.null funcref {X} select_t '
                    'funcref ref.is_null if i32 i32.const 3 else i32.const 4 end'],
    'ref_func': ['ref.func 1 ref.is_null', f'i32.const 0 ref.func 1 table.set 0 {X} {X} '
                 'i32.const 0 call_indirect 1 0'],
    'throw_': [f'{X} throw 1', f'block i32 try_table void catch:1:0 {X} throw 1 end i32.const 1 '
               'end', f'try i32 {X} throw 1 catch 1 i32.const 3 i32.mul end',
               f'{X} if void throw 0 end i32.const 2'],
    'throw_ref': [f'block exnref try_table void catch_all_ref:0 {X} throw 1 end unreachable end '
                  'throw_ref', f'block i32 block exnref try_table void catch_all_ref:0 {X} throw 1 '
                  'end unreachable end local.set 3 try_table void catch:1:0 local.get 3 throw_ref '
                  'end i32.const 5 end', 'ref.null exnref throw_ref'],
    'try_table': [f'block i32 try_table i32 catch:1:0 {X} call 0 end end',
                  f'block void try_table void catch_all:0 {X} if void throw 0 end i32.const 4 '
                  'return end end i32.const 5', f'block void try_table void catch:0:0 {X} throw 1 '
                  'end end i32.const 5',
                  f'block i32 block void try_table void catch:1:1,catch_all:0 {X} if void '
                  'i32.const 8 throw 1 end throw 0 end unreachable end i32.const 6 end',
                  f'block void try_table void catch_all:0 {X} i32.const 3 i32.lt_u if void '
                  'unreachable end throw 0 end end i32.const 2',
                  f'block i32 block 3 try_table void catch:2:0 i64.const 5 {X} f64.convert_i32_s '
                  'throw 2 end unreachable end i32.trunc_sat_f64_s local.set 1 i32.wrap_i64 '
                  'local.get 1 i32.add end'],
    'try_': [f'try i32 {X} call 0 catch_all i32.const 1 end'],
    'catch_': [f'try i32 {X} throw 1 catch 0 i32.const 2 catch 1 i32.const 5 i32.add end'],
    'catch_all': [f'try i32 {X} if void throw 0 end i32.const 3 catch_all i32.const 4 end'],
    'rethrow': [f'try i32 try i32 {X} throw 1 catch 1 drop rethrow 0 end catch 1 i32.const 1 '
                'i32.add end', 'try i32 throw 0 catch_all rethrow 0 end'],
    'delegate': [f'try i32 try i32 {X} throw 1 delegate 0 catch 1 i32.const 9 i32.add end',
                 f'try i32 {X} throw 1 delegate 0'],
    'ref_i31': [f'{X} ref.i31 i31.get_s'],
    'i31_get_s': [f'{X} ref.i31 i31.get_s', 'ref.null i31ref i31.get_s'],
    'i31_get_u': [f'{X} ref.i31 i31.get_u', 'ref.null i31ref i31.get_u'],
    'ref_eq': [f'{X} ref.i31 i32.const 1 ref.i31 ref.eq', f'ref.null i31ref {X} ref.i31 ref.eq'],
    'any_convert_extern': ['ref.null externref any.convert_extern ref.is_null'],
    'extern_convert_any': [f'{X} ref.i31 extern.convert_any any.convert_extern ref.is_null'],
}
INPUTS = (0, 1, 2, 3, 4, 5, 7, 9, 10, 17, 18, 19, 20, 255, 65532, 65536, 2 ** 31 - 1, 1 << 31,
          2 ** 32 - 2, 2 ** 32 - 1)


def environment(row):
    """The module that templates are written for."""
    builder = memory_builder()
    assert [builder.type(*type_) for type_ in (([I32], [I32]), ([I32, I32], [I32]), ([], []),
                                               ([], [I64, F64]))] == [0, 1, 2, 3]
    builder.func([I32], [I32], code('local.get 0 i32.const 1 i32.add'))
    builder.func([I32, I32], [I32], code('local.get 0 local.get 1 i32.mul'))
    builder.func([], [], b'')
    builder.func([], [], code('unreachable'))
    builder.rest |= {
        'tables': [b'\x70\1' + u(10) + u(20)],
        'globals_': [TYPE + b'\1' + const(type_, value) + b'\x0b' for TYPE, type_, value in
                     ((b'\x7f', I32, -7), (b'\x7e', I64, 1 << 40), (b'\x7d', F32, 2.5),
                      (b'\x7c', F64, -1e9))],
        'elems': [b'\0' + const(I32, 2) + b'\x0b' + vec([u(0), u(1), u(2), u(0)]),
                  b'\5\x70' + vec([b'\xd2\0\x0b', b'\xd0\x70\x0b', b'\xd2\1\x0b'])]}
    if row.feature in ('exceptions', 'legacy_exceptions'):
        builder.rest['tags'] = [b'\0' + u(builder.type(params, []))
                                for params in ([], [I32], [I64, F64])]
    if row.id == 'data_drop':
        builder.rest['datas'].insert(0, b'\1' + vec(bytes([i]) for i in range(16)))
        builder.rest['data_count'] = len(builder.rest['datas'])
    return builder


def template(row):
    """Each function in an instance of its own, and in two depths of the stack."""
    modules = []
    for i, text in enumerate(TEMPLATES[row.id]):
        # Engines without exnref are to run the rest.
        locals_ = [I32, I64] + (['exnref'] if 'local.set 3' in text else [])
        builder, module = environment(row), Module(f'm{i}', b'')
        add_hash(builder, module)
        builder.func([I32], [I32], code(text), locals_, export='f')
        # Branches to the function's own label take the values below away.
        below = ' '.join(f'i32.const {8 * k} i64.load' for k in range(PARKED))
        above = ' '.join(['i64.extend_i32_u', *['i64.add'] * PARKED, 'i64.const 32 i64.rotl '
                          'i32.wrap_i64'])
        builder.func([I32], [I32], code(f'{below} block i32 {text} end {above}'), locals_,
                     export='deep')
        for value in INPUTS:
            module.call('f', [(I32, value)], [I32])
            module.call('deep', [(I32, value)], [I32])
            module.calls.append(('hash', []))
        module.wasm = builder.wasm()
        modules.append(module)
    return Case('single', row.text + (' with types' if row.id == 'select_t' else ''), modules)


# --- All

def maker_of(row):
    """None: nothing here makes a case of it."""
    if row.id in TEMPLATES:
        return template
    if row.id in ('memory_copy', 'memory_fill', 'memory_init'):
        return ranges
    if row.params is None or not set(row.params + row.results) <= set(NUMBERS):
        return None
    if row.group in ('load', 'store'):
        return access
    return Numeric if row.params and row.results else None


OTHERS = {'i32 division by constants': lambda: division(I32),
          'i64 division by constants': lambda: division(I64),
          'i64.load in memory 1': lambda: access(ROWS['i64_load'], 1),
          'f32.store in memory 1': lambda: access(ROWS['f32_store'], 1),
          'memory.copy of memories 0 and 1': lambda: ranges(ROWS['memory_copy'], 0, 1),
          'memory.copy of memories 1 and 0': lambda: ranges(ROWS['memory_copy'], 1, 0),
          'memory.fill of memories 1 and 0': lambda: ranges(ROWS['memory_fill'], 1)}


def cases(wanted='', every=1):
    """Those of instructions with this text in their names, and of other subjects likewise. Cases of
    numeric instructions have every so many-th function."""
    for row in COMPILED.values():
        make = maker_of(row)
        if wanted in row.text and make is not None:
            yield Numeric(row, every).case() if make is Numeric else make(row)
    for name, make in OTHERS.items():
        if wanted in name:
            yield make()


def uncovered():
    """Names of instructions that Swoop compiles and nothing here covers."""
    return [row.text for row in COMPILED.values() if maker_of(row) is None]
