"""Random modules of binaryen, `wasm-opt -ttf`, as cases: all functions they export, with
arguments at the edges. What they log goes to a module that hashes it."""

import pathlib
import random
import shutil
import subprocess
import tempfile

import bombs

from assembler import (Builder, F32, F64, I32, I64, NUMBERS, TYPES, code, get, mix, to_bits)
from cases import Case, Module
from random_programs import CONSTANTS, WIDEN, without_nan

# Those that Swoop compiles and binaryen 108 writes as the standard says (its reference types are of
# an old draft). --denan: no operation gives a NaN, whose bits engines may choose.
OPTIONS = ['--mvp-features', '--enable-sign-ext', '--enable-mutable-globals',
           '--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-multivalue',
           '--denan', '-O0']
INPUT_SIZE = 8000  # random bytes, about as large as the module
CALLS = 3          # of a function with parameters


class Signatures:
    """The exported functions of a module, with their types."""

    def __init__(self, wasm):
        self.wasm, self.at = wasm, 8
        types, funcs, self.exports = [], [], []
        while self.at < len(wasm):
            section = wasm[self.at]
            self.at += 1
            end = self.number() + self.at
            if section == 1:
                types = [self.func_type() for _ in range(self.number())]
            elif section == 2:
                funcs += [index for index in (self.func_import() for _ in range(self.number()))
                          if index is not None]
            elif section == 3:
                funcs += [self.number() for _ in range(self.number())]
            elif section == 7:
                self.exports = [self.export() for _ in range(self.number())]
            self.at = end
        self.funcs = [(name, *types[funcs[index]]) for name, kind, index in self.exports
                      if kind == 0]

    def number(self):
        value, self.at = bombs.leb(self.wasm, self.at)
        return value

    def byte(self):
        self.at += 1
        return self.wasm[self.at - 1:self.at]

    def name(self):
        size = self.number()
        self.at += size
        return self.wasm[self.at - size:self.at].decode()

    def types(self):
        by_byte = {encoded: type_ for type_, encoded in TYPES.items()}
        return [by_byte[self.byte()] for _ in range(self.number())]

    def func_type(self):
        assert self.byte() == b'\x60'
        return self.types(), self.types()

    def limits(self):
        if self.byte() != b'\0':
            self.number()
        self.number()

    def func_import(self):
        """The type of an imported function, or None of another import."""
        self.name(), self.name()
        kind = self.byte()
        if kind == b'\0':
            return self.number()
        if kind == b'\3':
            self.at += 2
        else:
            self.at += kind == b'\1'
            self.limits()
        return None

    def export(self):
        return self.name(), self.byte()[0], self.number()


def log_module():
    """fuzzing-support: mixes what is logged into a number that `hash` gives."""
    builder = Builder()
    for type_ in NUMBERS:
        # Locals: the value, and a copy of the global.
        value = get(0) + (without_nan(type_, 0) if type_ in (F32, F64) else b'') + WIDEN[type_]
        builder.func([type_], [], code('global.get 0 local.set 1') + mix(1, value) +
                     code('local.get 1 global.set 0'), [I64], export=f'log-{type_}')
    builder.func([], [I64], code('global.get 0'), export='hash')
    builder.rest = {'globals_': [TYPES[I64] + b'\1' + code('i64.const 7') + b'\x0b']}
    return builder.wasm()


def case(wasm_opt, seed, directory):
    chooser = random.Random(f'ttf {seed}')
    source, target = directory / f'{seed}.input', directory / f'{seed}.wasm'
    source.write_bytes(chooser.randbytes(chooser.randint(500, INPUT_SIZE)))
    subprocess.run([wasm_opt, '-ttf', source, *OPTIONS, '-o', target], check=True,
                   capture_output=True, timeout=300)
    wasm = target.read_bytes()
    source.unlink()
    target.unlink()
    log, module = Module('fuzzing-support', log_module()), Module('a', wasm)
    log.results['hash'] = [I64]
    funcs = Signatures(wasm).funcs
    names = {name for name, _, _ in funcs}
    for name, params, results in funcs:
        if name in ('hangLimitInitializer', 'hashMemory') or not {*params, *results} <= {*NUMBERS}:
            continue
        for _ in range(CALLS if params else 1):
            if 'hangLimitInitializer' in names:
                module.call('hangLimitInitializer')
            module.call(name, [(type_, to_bits(type_, chooser.choice(CONSTANTS[type_])))
                               for type_ in params], results)
            if 'hashMemory' in names:
                module.call('hashMemory', [], [I32])
    after = Module('after', after_module())
    after.call('hash', [], [I64])
    return Case('ttf', str(seed), [log, module, after])


def after_module():
    """Calls of a module come before the next one is made: this one asks for the log at the end."""
    builder = Builder()
    hash_ = builder.import_func('fuzzing-support', 'hash', [], [I64])
    builder.func([], [I64], code(f'call {hash_}'), export='hash')
    return builder.wasm()


def cases(wasm_opt, seeds):
    if shutil.which(wasm_opt) is None:
        return [], [f'kind ttf: there is no {wasm_opt} (Debian package binaryen)']

    def make():
        with tempfile.TemporaryDirectory() as directory:
            for seed in seeds:
                yield case(wasm_opt, seed, pathlib.Path(directory))
    return make(), []
