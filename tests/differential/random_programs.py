"""Random programs: cases of two modules of a few functions, where the second one calls functions
of the first, and may use its memory and table. Everything is typed as it is made, so all modules
are valid; fuel in a global ends loops and recursion; a NaN is replaced by a number where its bits
would show. After each call the memory and the globals are hashed. `case(seed)` makes one."""

import random

from assembler import (BITS, Builder, COMPILED, F32, F64, I32, I64, NUMBERS, ROWS, TYPES, code,
                       const, get, hash_memory, memarg, mix, name, put, signed, tee, to_bits, u,
                       vec)
from cases import Case, Module

FUEL = 60  # of one call from outside: calls and turns of loops
PAGE = 65536
TABLE_SIZE = 8

SMALL = [0, 1, -1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 31, 32, 33, 63, 64, 100, 127, 128,
         255, 256, 641, 1000, 4095, 4096, 4097, 8192, 65535, 65536, 0xffffff, 0x1000000,
         2 ** 31 - 1, -2 ** 31, -2, -3, -7, -10, -4096, 0x55555555, -0x55555556, 0xff00, 1000000007]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, float('inf'), float('-inf'), float('nan'),
          2147483648.0, 2147483520.0, -2147483648.0, 4294967296.0, 4294967040.0, 2.0 ** 63,
          -2.0 ** 63, 2.0 ** 64, 0.9999, -0.9999, 3.25, 31.0, 1e-45, 1e-38, 3e38, 16777216.0, -0.1]
CONSTANTS = {
    I32: SMALL,
    I64: SMALL + [2 ** 32 - 1, 2 ** 32, -2 ** 31 - 1, 2 ** 63 - 1, -2 ** 63, 0x5555555555555555,
                  0x0f0f0f0f0f0f0f0f, 0x123456789abcdef, 10 ** 18],
    F32: FLOATS,
    F64: FLOATS + [2147483647.5, -2147483649.0, -2147483648.9, 4294967295.9, 1e300, 5e-324,
                   9007199254740993.0, 1e18],
}

ARITHMETIC = [row for row in COMPILED.values()
              if row.group in ('test', 'compare', 'unary', 'binary', 'convert') and row.params and
              set(row.params + row.results) <= set(NUMBERS)]
BY_TOP = {type_: [row for row in ARITHMETIC if row.params[-1] == type_] for type_ in NUMBERS}
MAY_TRAP = {row.id for row in ARITHMETIC if '_div_' in row.id and row.id[0] == 'i' or
            '_rem_' in row.id or '_trunc_f' in row.id and '_sat_' not in row.id}
# The sign of the top operand, or all of it, goes into the result.
SHOWS_NAN = {'f32_copysign', 'f64_copysign', 'i32_reinterpret_f32', 'i64_reinterpret_f64'}
LOADS = {type_: [row for row in COMPILED.values() if row.group == 'load' and
                 row.results == [type_]] for type_ in NUMBERS}
STORES = {type_: [row for row in COMPILED.values() if row.group == 'store' and
                  row.params[1] == type_] for type_ in NUMBERS}
# Into an i64.
WIDEN = {I32: code('i64.extend_i32_u'), I64: b'', F32: code('i32.reinterpret_f32 i64.extend_i32_u'),
         F64: code('i64.reinterpret_f64')}
USE_FUEL = code('global.get 0 i32.eqz if void unreachable end '
                'global.get 0 i32.const 1 i32.sub global.set 0')


def without_nan(type_, local):
    """The top of the stack, or 7 if that is a NaN; uses a local."""
    return (tee(local) + const(type_, 7.0) + get(local) + get(local) + code(f'{type_}.eq') +
            ROWS['select'].bytes)


class Frame:
    """A label: the types that a branch to it takes, and how deep the operand stack is there."""

    def __init__(self, types):
        self.types = types


class Function:
    """The body of one function. `stack` in its methods has the types of the operands that the
    innermost block may use; `self.out` grows."""

    def __init__(self, program, params, results):
        self.program, self.random = program, program.random
        chooser = self.random
        count = (chooser.choice([0, 2, 4, 8, 14, 30]) if chooser.random() < .93 else
                 chooser.choice([100, 600]))
        self.params, self.results = params, results
        self.locals = [*params, *(chooser.choice(NUMBERS) for _ in range(count))]
        self.scratch = {F32: len(self.locals), F64: len(self.locals) + 1}
        self.hot = [chooser.randrange(len(self.locals)) for _ in range(3)] if self.locals else []
        self.budget = chooser.randint(15, 150)
        self.out = bytearray()
        self.labels = []

    def body(self):
        """(types of the locals that are no parameters, bytes)"""
        self.emit(USE_FUEL)
        self.in_block(self.results, lambda: self.sequence([], self.results, 0))
        return [*self.locals[len(self.params):], F32, F64], bytes(self.out)

    # --- Small things

    def emit(self, *parts):
        for part in parts:
            self.out += code(part) if isinstance(part, str) else part

    def chance(self, probability):
        return self.random.random() < probability

    def choose(self, *things):
        return self.random.choice(things)

    def in_block(self, label_types, inside):
        self.labels.append(label_types)
        inside()
        self.labels.pop()

    def local(self, type_=None):
        """A local of this type, often one of a few; None if there is none."""
        def fits(i):
            return type_ is None or self.locals[i] == type_
        candidates = [i for i in self.hot if fits(i)] if self.chance(.6) else []
        candidates = candidates or [i for i in range(len(self.locals)) if fits(i)]
        return self.random.choice(candidates) if candidates else None

    def constant(self, type_):
        if type_ in (F32, F64) or self.chance(.8):
            value = self.random.choice(CONSTANTS[type_])
            self.emit(const(type_, value if type_ in (F32, F64) else signed(BITS[type_], value)))
        else:
            bits = self.random.randint(1, BITS[type_] - 1)
            self.emit(const(type_, self.random.getrandbits(bits) * self.choose(1, -1)))

    def push(self, stack, type_=None):
        type_ = type_ or self.choose(I32, I32, I32, I64, I64, F32, F64)
        kind, local = self.random.random(), self.local(type_)
        same = [i for i, other in enumerate(self.program.globals) if other == type_]
        if kind < .55 and local is not None:
            self.emit(get(local))
        elif kind >= .85 and self.budget >= 0:
            self.address()
            self.load(type_)
        elif kind >= .75 and same and self.budget >= 0:
            self.emit(f'global.get {1 + self.random.choice(same)}')
        else:
            self.constant(type_)
        stack.append(type_)

    def push_and_take(self, type_):
        self.push([], type_)

    def pop(self, stack, keep=.7):
        local = self.local(stack[-1])
        self.emit(put(local) if local is not None and self.chance(keep) else 'drop')
        stack.pop()

    def show(self, type_):
        """The top of the stack is about to be seen as bits."""
        if type_ in (F32, F64):
            self.emit(without_nan(type_, self.scratch[type_]))

    def fit(self, stack, wanted):
        """Makes the stack what the end of a block wants."""
        same = 0
        while same < min(len(stack), len(wanted)) and stack[same] == wanted[same]:
            same += 1
        while len(stack) > same:
            self.pop(stack)
        while len(stack) < len(wanted):
            self.push(stack, wanted[len(stack)])

    # --- Memory

    def address(self):
        """Mostly in bounds, in tame programs nearly always."""
        local, kind = self.local(I32), self.random.random()
        is_tame = self.program.is_tame and self.chance(.97)
        edge = [] if is_tame else [65400, 65520, 65528, 65532, 65535, 65536, -1, -8]
        if local is None or kind < .3:
            near = [0, 4, 8, 16, 100, 1000, 4090, 4100, 8000, 32760, 40000]
            self.emit(const(I32, self.random.choice(near + edge) if self.chance(.5) else
                            self.random.randint(0, 50000 if is_tame else 65600)))
        elif kind < .5:
            self.emit(get(local), const(I32, self.choose(0xff, 0x7fff, 0x7ffc) if is_tame else
                                        self.choose(0xff, 0x7fff, 0xffff, 0xfff8)), 'i32.and')
            if self.chance(.3):
                self.emit(tee(local))
        elif kind < .65:
            self.emit(get(local), 'i32.const 0xfff i32.and',
                      const(I32, self.random.randint(1, 3 if is_tame else 4)), 'i32.shl')
            if self.chance(.5):
                self.emit(const(I32, self.choose(8, 1000, 20000 if is_tame else 50000)), 'i32.add')
        elif kind < .72 and self.local(I64) is not None:
            self.emit(get(self.local(I64)), 'i32.wrap_i64')
            if is_tame or self.chance(.5):
                self.emit('i32.const 0x7fff i32.and')
        elif kind < .82:
            self.emit(get(local), const(I32, self.choose(18, 20, 24) if is_tame else
                                        self.choose(16, 17, 20, 24)), 'i32.shr_u')
        elif kind < .95 or is_tame:
            self.emit(const(I32, self.random.randint(0, 40000 if is_tame else 65535)), tee(local))
        else:
            self.emit(get(local))

    def memarg(self):
        if self.chance(.5):
            offset = self.choose(0, 4, 8, 16)
        elif self.program.is_tame and self.chance(.98):
            offset = self.choose(0, 0, 1, 4, 8, 16, 255, 256, 1000, 4095, 4096, 8000)
        elif self.chance(.95):
            offset = self.choose(0, 1, 4, 8, 12, 100, 1000, 4095, 4096, 8000, 32760, 65528, 65535,
                                 65536)
        else:
            offset = self.choose(0x1000000, 0x7fffffff, 0x80000000, 0xffffffff)
        return memarg(1 if self.program.has_second_memory and self.chance(.3) else 0, offset)

    def load(self, type_):
        self.emit(self.random.choice(LOADS[type_]).bytes, self.memarg())

    def store(self, type_):
        """Its address is below the value."""
        self.show(type_)
        self.emit(self.random.choice(STORES[type_]).bytes, self.memarg())

    def store_something(self, stack, depth):
        type_ = self.choose(*NUMBERS)
        self.address()
        self.push_and_take(type_)
        self.store(type_)

    def accesses_at_a_local(self, stack, depth):
        """Several accesses with one base, for which a compiler may check once."""
        local = self.local(I32)
        if local is None:
            return
        if self.program.is_tame:
            self.emit(get(local), 'i32.const 0x7fff i32.and', put(local))
        far = [] if self.program.is_tame else [65530, 65535]
        for _ in range(self.random.randint(2, 5)):
            kind = self.random.random()
            if kind < .45:
                type_ = self.choose(*NUMBERS)
                self.emit(get(local), self.random.choice(LOADS[type_]).bytes,
                          memarg(0, self.random.choice([0, 1, 2, 3, 4, 8, 16, 60, *far])))
                stack.append(type_)
                if self.chance(.3):
                    self.pop(stack, keep=1)
            elif kind < .7:
                type_ = self.choose(I32, I64)
                self.emit(get(local))
                self.push_and_take(type_)
                self.emit(self.random.choice(STORES[type_]).bytes,
                          memarg(0, self.choose(0, 1, 2, 4, 8, 16, 64)))
            elif kind < .8:
                self.emit(get(local), const(I32, self.choose(1, 4, 8, 1000, -4)), 'i32.add',
                          put(local))
            elif kind < .9:
                self.bulk(stack, depth, local)
            else:
                self.block(stack, depth)

    def bulk(self, stack, depth, local=None):
        """memory.copy, memory.fill and memory.init."""
        size = self.choose(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64,
                           65, 100, 127, 128, 129, 143, 144, 145, 160, 200,
                           77 if self.program.is_tame else 70000)

        def place():
            if local is not None and self.chance(.8):
                self.emit(get(local), self.choose('', '', 'i32.const 0xffff i32.and'))
            else:
                self.address()

        def memory():
            return 1 if self.program.has_second_memory and self.chance(.3) else 0

        place()
        kind = self.random.random()
        if kind < .5:
            place()
            self.emit(const(I32, size), f'memory.copy {memory()} {memory()}')
        elif kind < .9:
            if self.chance(.85):
                self.emit(const(I32, self.choose(0, 1, 255, -1, 0x1234)))
            else:
                self.push_and_take(I32)
            self.emit(const(I32, size), f'memory.fill {memory()}')
        else:
            self.emit(const(I32, self.random.randint(0, 20)), const(I32, min(size, 30)),
                      f'memory.init {self.program.passive_data} {memory()}')

    def memory_size(self, stack, depth):
        self.emit('memory.size 0')
        stack.append(I32)
        if self.chance(.4):
            self.emit(const(I32, self.choose(0, 1)), 'memory.grow 0')
            stack.append(I32)

    # --- Operands

    def push_something(self, stack, depth):
        self.push(stack)

    def arithmetic(self, stack, depth):
        if not stack:
            self.push(stack)
        row = self.random.choice(BY_TOP[stack[-1]])
        for likely in (.55, .5):
            if row.id in MAY_TRAP and self.chance(likely):
                row = self.random.choice(BY_TOP[stack[-1]])
        first = row.params[0]
        has_both = len(stack) >= 2 and stack[-2] == first and self.chance(.7)
        if len(row.params) == 2 and not has_both:
            # A second operand, so the first is what was the top.
            if row.id in MAY_TRAP or self.chance(.4):
                choices = [value for value in CONSTANTS[first] if value != 0]
                self.emit(const(first, self.random.choice(choices)))
                stack.append(first)
            else:
                self.push(stack, first)
        if row.id in SHOWS_NAN:
            self.show(row.params[-1])
        self.emit(row.bytes)
        del stack[len(stack) - len(row.params):]
        stack += row.results

    def to_local(self, stack, depth):
        if not stack:
            self.push(stack)
        local = self.local(stack[-1])
        if local is None:
            return
        if self.chance(.5):
            self.emit(put(local))
            stack.pop()
        else:
            self.emit(tee(local))

    def to_global(self, stack, depth):
        chosen = self.random.randrange(len(self.program.globals))
        self.push_and_take(self.program.globals[chosen])
        self.emit(f'global.set {1 + chosen}')

    def select(self, stack, depth):
        type_ = self.choose(*NUMBERS)
        self.push(stack, type_)
        self.push_and_take(type_)
        self.push_and_take(I32)
        self.emit(self.choose('select', f'select_t {type_}'))

    # --- Control

    def condition(self, *changes):
        self.push_and_take(I32)
        if self.chance(.5):
            self.emit(self.choose(*changes))

    def label_at(self, depth):
        return self.labels[len(self.labels) - 1 - depth]

    def branch_if(self, stack, depth):
        """br_if or, which ends the sequence, br_table."""
        target = self.random.randrange(len(self.labels))
        types = self.label_at(target)
        has_them = len(stack) >= len(types) and stack[len(stack) - len(types):] == types
        if not has_them and len(types) >= 6:
            return False
        if not has_them:
            for type_ in types:
                self.push(stack, type_)
        self.condition('i32.eqz', 'i32.const 3 i32.and', 'i32.const 0 i32.lt_s',
                       'i32.const 5 i32.ne', 'i32.const 1000 i32.gt_u')
        if not self.chance(.15):
            self.emit(f'br_if {target}')
            return False
        alike = [i for i in range(len(self.labels)) if self.label_at(i) == types]
        targets = [self.random.choice(alike) for _ in range(self.choose(0, 1, 2, 3, 4, 7, 9))]
        self.emit('i32.const 7 i32.and br_table ' + ','.join(map(str, [*targets, target])))
        return True

    def branch(self, stack, depth):
        target = self.random.randrange(len(self.labels))
        for type_ in self.label_at(target):
            self.push(stack, type_)
        is_outermost = target == len(self.labels) - 1
        self.emit('return' if is_outermost and self.chance(.5) else f'br {target}')
        return True

    def call(self, stack, depth):
        funcs = self.program.funcs
        if not self.chance(.3):
            index = self.random.randrange(len(funcs))
            params, results = funcs[index]
            has_them = 0 < len(params) <= len(stack) and stack[len(stack) - len(params):] == params
            if not has_them:
                for type_ in params:
                    self.push(stack, type_)
            self.emit(f'call {index}')
        else:
            own = funcs[self.program.num_imported:]
            params, results = self.random.choice(own if self.chance(.8) else funcs)
            if len(params) > 40 or self.program.is_tame and self.chance(.7):
                return
            for type_ in params:
                self.push(stack, type_)
            if self.chance(.6):
                self.emit(const(I32, self.choose(0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, -1)))
            else:
                self.push_and_take(I32)
                self.emit('i32.const 7 i32.and')
            self.emit(f'call_indirect {self.program.builder.type(params, results)} 0')
        del stack[len(stack) - len(params):]
        stack += results

    def block_type(self, params, results):
        if not params and not results:
            return 'void '
        if not params and len(results) == 1 and self.chance(.8):
            return results[0] + ' '
        return f'{self.program.builder.type(params, results)} '

    def block(self, stack, depth):
        """A block, loop or if, with parameters and results, or a handler of exceptions."""
        if depth >= 5:
            return
        count = min(self.choose(0, 0, 0, 1, 2, 3), len(stack))
        params = stack[len(stack) - count:]
        results = [self.choose(*NUMBERS) for _ in range(self.choose(0, 0, 1, 1, 2, 3, 4, 20))]
        kind = self.random.random()
        if kind >= .85 and self.program.exceptions == 'new':
            self.handlers(stack, depth)
            return
        if kind >= .85 and self.program.exceptions == 'legacy':
            self.legacy_handlers(params, results, depth)
        elif kind < .3:
            self.emit('block ' + self.block_type(params, results))
            self.in_block(results, lambda: self.sequence(params, results, depth + 1))
        elif kind < .6:
            self.condition('i32.eqz', 'i32.const 1 i32.and', 'i32.const 0 i32.gt_s',
                           'i32.const 7 i32.lt_u', 'i32.const 7 i32.ge_s')
            if self.chance(.25):
                results = list(params)
            has_else = params != results or self.chance(.5)
            self.emit('if ' + self.block_type(params, results))
            self.in_block(results, lambda: self.sequence(params, results, depth + 1))
            if has_else:
                self.emit('else')
                self.in_block(results, lambda: self.sequence(params, results, depth + 1))
        else:
            self.emit('loop ' + self.block_type(params, results), USE_FUEL)
            self.in_block(params, lambda: self.loop_body(params, results, depth))
        self.emit('end')
        del stack[len(stack) - count:]
        stack += results

    def loop_body(self, params, results, depth):
        self.sequence(params, results, depth + 1)
        if len(params) < 4 and self.chance(.8):
            below = list(results)
            for type_ in params:
                self.push(below, type_)
            self.condition('i32.eqz', 'i32.const 1 i32.and')
            self.emit('br_if 0')
            self.fit(below, results)

    # --- Exceptions

    def throw(self, stack, depth):
        if not self.program.exceptions:
            return
        tag = self.random.randrange(len(self.program.tags))
        self.push_and_take(I32)
        self.emit('i32.const 63 i32.and i32.eqz if void')
        for type_ in self.program.tags[tag]:
            self.push_and_take(type_)
        self.emit(f'throw {tag} end')

    def throw_here(self, tag):
        for type_ in self.program.tags[tag]:
            self.push_and_take(type_)
        self.emit(f'throw {tag}')

    def handlers(self, stack, depth):
        """block TYPES (block (try_table (catch TAG outer) (catch_all inner) ...)) VALUES"""
        tag = self.random.randrange(len(self.program.tags))
        types, catches_all = self.program.tags[tag], self.chance(.5)
        self.emit('block ' + self.block_type([], types))
        self.labels.append(types)
        clauses = f'catch:{tag}:{1 if catches_all else 0}'
        if catches_all:
            self.emit('block void')
            self.labels.append([])
            clauses += ',catch_all:0'
        self.emit(f'try_table void {clauses}')

        def inside():
            if not self.sequence([], [], depth + 1) and self.chance(.3):
                self.throw_here(tag)
        self.in_block([], inside)
        self.emit('end')
        if catches_all:
            self.labels.pop()
            self.emit('end')
        for type_ in types:
            self.push_and_take(type_)
        self.labels.pop()
        self.emit('end')
        stack += types

    def legacy_handlers(self, params, results, depth):
        """try ... catch TAG ... catch_all ..., without its end."""
        self.emit('try ' + self.block_type(params, results))
        self.in_block(results, lambda: self.sequence(params, results, depth + 1))
        for tag in sorted(self.random.sample(range(len(self.program.tags)), self.choose(0, 1, 2))):
            self.emit(f'catch {tag}')
            types = self.program.tags[tag]
            self.in_block(results, lambda: self.sequence(types, results, depth + 1))
        if self.chance(.5):
            self.emit('catch_all')
            if self.chance(.2):
                self.emit('rethrow 0')
            else:
                self.in_block(results, lambda: self.sequence([], results, depth + 1))

    # --- Sequences

    # (weight, what); what returns whether the rest of the sequence cannot be reached.
    CHOICES = [(30, push_something), (28, arithmetic), (8, to_local), (4, store_something),
               (5, accesses_at_a_local), (4, bulk), (8, block), (3, branch_if), (5, call),
               (2, to_global), (1.5, select), (.5, memory_size), (.5, throw), (.5, branch)]
    WEIGHTS = [weight for weight, _ in CHOICES]
    METHODS = [method for _, method in CHOICES]

    def sequence(self, start, wanted, depth):
        """Instructions that turn `start` into `wanted`. Returns whether their end is dead code."""
        stack = list(start)
        for _ in range(self.random.randint(3, 25)):
            self.budget -= 1
            if self.budget < 0:
                break
            if len(stack) > self.choose(4, 8, 20, 40):
                self.pop(stack, keep=1)
                continue
            method, = self.random.choices(self.METHODS, self.WEIGHTS)
            if method(self, stack, depth):
                if self.chance(.3):
                    for type_ in wanted:
                        self.emit(const(type_, 0))
                return True
        self.fit(stack, wanted)
        return False


class Program:
    """One module. `peer` is a Program whose exports it imports."""

    def __init__(self, seed, as_, peer=None):
        chooser = self.random = random.Random(seed)
        self.name, self.builder = as_, Builder()
        self.is_tame = chooser.random() < .6
        self.exceptions = chooser.choice(['', '', 'new', 'legacy'])
        self.imports_table = peer is not None and chooser.random() < .6
        imports_memory = peer is not None and chooser.random() < .3
        self.has_second_memory = not imports_memory and chooser.random() < .15
        builder = self.builder

        self.funcs = []
        if peer is not None:
            for i, (params, results) in enumerate(peer.exported):
                builder.import_func(peer.name, f'f{i}', params, results)
                self.funcs.append((params, results))
        for field, params in (('print_i32', [I32]), ('print_f64_f64', [F64, F64])):
            builder.import_func('spectest', field, params, [])
            self.funcs.append((params, []))
        self.num_imported = len(self.funcs)
        if self.imports_table:
            builder.imports.append(name(peer.name) + name('table') + b'\1\x70\0' + u(TABLE_SIZE))
        if imports_memory:
            builder.imports.append(name(peer.name) + name('memory') + b'\2\0\1')

        self.tags = [[], [I32], [I64, F64],
                     [chooser.choice(NUMBERS) for _ in range(chooser.randint(3, 12))]]
        self.globals = [chooser.choice(NUMBERS) for _ in range(chooser.randint(2, 8))]
        self.passive_data = 2
        signatures = [self.signature() for _ in range(chooser.randint(2, 7))]
        self.funcs += signatures
        own = [builder.declare(*signature) for signature in signatures]
        for index, (params, results) in zip(own, signatures):
            builder.define(index, *Function(self, params, results).body())
        self.exported = signatures
        for i, (index, (params, results)) in enumerate(zip(own, signatures)):
            body = const(I32, FUEL) + code('global.set 0')
            body += b''.join(map(get, range(len(params)))) + code(f'call {index}')
            builder.func(params, results, body, export=f'f{i}')
        self.add_hash()
        if imports_memory:
            memories = []
        else:
            memories = [b'\1\1\4'] + [b'\1\1\3'] * self.has_second_memory
            builder.export('memory', 0, b'\2')
        builder.export('table', 0, b'\1')
        elements = [chooser.choice(own) for _ in range(chooser.randint(2, 7))]
        at = chooser.randint(0, TABLE_SIZE - len(elements))
        data = bytes(chooser.randrange(256) for _ in range(200))
        builder.rest = {
            'memories': memories,
            'tables': [] if self.imports_table else [b'\x70\0' + u(TABLE_SIZE)],
            'tags': [b'\0' + u(builder.type(types, [])) for types in self.tags]
                    if self.exceptions else [],
            'globals_': [TYPES[type_] + b'\1' + const(type_, value) + b'\x0b' for type_, value in
                         [(I32, FUEL), *((type_, chooser.choice(CONSTANTS[type_]))
                                         for type_ in self.globals)]],
            'elems': [b'\0' + const(I32, at) + b'\x0b' + vec(map(u, elements))],
            'datas': [b'\0' + const(I32, 0) + b'\x0b' + u(len(data)) + data,
                      b'\0' + const(I32, PAGE - 136) + b'\x0b' + u(136) + data[:136],
                      b'\1' + u(50) + data[:50]],
            'data_count': 3}
        self.module = Module(as_, builder.wasm())
        self.add_calls()

    def signature(self):
        """(params, results), now and then more than registers hold."""
        chooser = self.random

        def types(count):
            return [chooser.choice(NUMBERS) for _ in range(count)]
        kind = chooser.random()
        params = types(chooser.randint(0, 4) if kind < .7 else chooser.randint(5, 14)
                       if kind < .95 else chooser.randint(15, 60))
        kind = chooser.random()
        results = types(chooser.choice([0, 1, 1, 1, 1]) if kind < .7 else chooser.randint(2, 6)
                        if kind < .93 else chooser.randint(7, 30))
        return params, results

    def add_hash(self):
        """Exports `hash`: of the first page of each memory, and of the globals."""
        at, accumulator, scratch = 0, 1, {F32: 2, F64: 3}
        body = b''.join(hash_memory(accumulator, at, PAGE, memory)
                        for memory in range(1 + self.has_second_memory))
        for i, type_ in enumerate(self.globals):
            value = code(f'global.get {i + 1}')
            if type_ in scratch:
                value += without_nan(type_, scratch[type_])
            body += mix(accumulator, value + WIDEN[type_])
        self.builder.func([], [I64], body + get(accumulator), [I32, I64, F32, F64], export='hash')

    def add_calls(self):
        chooser = self.random
        for i, (params, results) in enumerate(self.exported):
            for _ in range(4 if params else 1):
                self.module.call(f'f{i}', [(type_, to_bits(type_, chooser.choice(CONSTANTS[type_])))
                                           for type_ in params], results)
                self.module.call('hash', [], [I64])


def case(seed):
    first = Program(2 * seed + 1, 'a')
    return Case('random', str(seed), [first.module, Program(2 * seed + 2, 'b', first).module])
