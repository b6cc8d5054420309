"""What the engines are asked: a case is modules, linked by name, and calls of what they export.
What comes of a call is an observation, a text which is the same for all engines that agree."""

import hashlib
import json

from assembler import BITS, is_nan


class Module:
    """`calls` are made in order, after the modules before it were called: (export, arguments), an
    argument is (type, bits). `results` has the types of what an export returns."""

    def __init__(self, name, wasm):
        self.name, self.wasm, self.calls, self.results = name, wasm, [], {}

    def call(self, export, arguments=(), results=()):
        self.calls.append((export, list(arguments)))
        self.results[export] = list(results)


class Case:
    """`name` says how to make it again."""

    def __init__(self, kind, name, modules):
        self.kind, self.name, self.modules = kind, name, modules

    def calls(self):
        """(module, export, arguments) in order; observations are in the same order."""
        return [(module, *call) for module in self.modules for call in module.calls]

    def to_json(self):
        return json.dumps({'name': self.name, 'modules': [
            {'name': module.name, 'wasm': module.wasm.hex(), 'results': module.results,
             'calls': [[export, [[type_, str(bits)] for type_, bits in arguments]]
                       for export, arguments in module.calls]} for module in self.modules]})

    def digest(self):
        """Of what is asked."""
        return digest(self.to_json())


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def observe(values):
    """What is seen of results, [(type, bits)]. The specification leaves open which NaN an operation
    gives, and engines in JavaScript cannot tell; modules where it is settled look at bits."""
    def show(type_, bits):
        return f'{type_}:nan' if is_nan(type_, bits) else f'{type_}:{bits:0{BITS[type_] // 4}x}'
    return ' '.join(show(*value) for value in values) or 'nothing'


def compare(first, second):
    """Indices of observations that differ."""
    return [i for i, (a, b) in enumerate(zip(first, second)) if a != b]
