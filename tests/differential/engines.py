"""Asks engines for the observations of cases (cases.py): Swoop by scripts for `swoop wast`, node by
reference.js. One process has many cases; one that ends in it is found by halving."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile

from assembler import I32, I64, from_bits, to_bits
from cases import observe

# What an engine cannot say of a call is no trap and no result: the reason follows.
REFUSED = 'refused'  # the module, in words that are the engine's own
LOST = 'lost'        # the process ended

# What engines name the same, or do not tell apart: one name for each.
TRAPS = [
    (r'unreachable', 'unreachable'),
    (r'memory access', 'memory'),
    (r'divide by zero|remainder by zero', 'division by zero'),
    (r'unrepresentable|integer overflow|invalid conversion', 'not representable'),
    (r'table index|table access|undefined element|element segment|table.*bounds', 'table'),
    (r'null function|signature mismatch|uninitialized element|call type mismatch', 'callee'),
    (r'null', 'null reference'),
    (r'Maximum call stack|exhausted', 'exhausted'),
]


def trap(message):
    for pattern, name in TRAPS:
        if re.search(pattern, message):
            return 'trap: ' + name
    return 'trap: ' + message


MAX_LOST = 3  # cases that are looked for one by one


class Engine:
    is_swoop = False

    def __init__(self, name, command, timeout_s):
        self.name, self.command, self.timeout_s = name, command, timeout_s
        self.num_lost = 0
        self.reasons = {}  # why it refused a module of a case, by the name of the case

    def observe(self, cases):
        """The observations of each case, by its name."""
        with tempfile.TemporaryDirectory() as directory:
            found, ending = self.run(cases, pathlib.Path(directory))
        missing = [case for case in cases if case.name not in found]
        if not missing:
            return found
        if len(missing) == 1 and len(cases) == 1:
            self.num_lost += 1
        elif self.num_lost < MAX_LOST:
            half = (len(missing) + 1) // 2
            for part in (missing[:half], missing[half:]):
                found |= self.observe(part) if part else {}
            return found
        else:
            ending += ', with others in the same process'
        return found | {case.name: [f'{LOST}: {ending}'] * len(case.calls()) for case in missing}

    def process(self, arguments):
        """(exit code or None, how it ended, standard output, standard error)"""
        try:
            result = subprocess.run([*self.command, *map(str, arguments)], capture_output=True,
                                    timeout=self.timeout_s, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None, f'not done after {self.timeout_s} s', '', ''
        status, errors = result.returncode, result.stderr.decode(errors='replace')
        ending = f'signal {signal.Signals(-status).name}' if status < 0 else f'exit code {status}'
        last = errors.strip().splitlines()[-1:]
        return status, ': '.join([ending, *last]), result.stdout.decode(errors='replace'), errors


# --- Swoop

def literal(type_, bits):
    if type_ in (I32, I64):
        return f'({type_}.const {from_bits(type_, bits)})'
    value = from_bits(type_, bits)
    return f'({type_}.const {"nan" if value != value else value.hex()})'


def script(case):
    """A module or a call in each line."""
    lines = []
    for module in case.modules:
        escaped = ''.join(f'\\{byte:02x}' for byte in module.wasm)
        lines.append(f'(module ${module.name} binary "{escaped}")')
        for export, arguments in module.calls:
            values = ' '.join(literal(*argument) for argument in arguments)
            lines.append(f'(invoke ${module.name} "{export}" {values})')
        lines.append(f'(register "{module.name}" ${module.name})')
    return '\n'.join(lines) + '\n'


def parse_value(type_, text):
    if type_ in (I32, I64):
        return to_bits(type_, int(text))
    if 'nan' in text:
        return to_bits(type_, float('nan'))
    return to_bits(type_, float(text) if 'inf' in text else float.fromhex(text))


def parse_shown(text):
    """An observation, out of what `--show-actions` prints of a call."""
    ended = re.match(r'(?:trap|exhaustion) "(.*)"', text)
    if ended:
        return trap(ended[1])
    if 'exception' in text:
        return 'exception'
    return observe([(type_, parse_value(type_, value)) for type_, value in
                    re.findall(r'\((\w+)\.const ([^)]*)\)', text)])


class Swoop(Engine):
    """`mode` is options of swoop."""
    is_swoop = True

    def __init__(self, name, command, mode, timeout_s):
        super().__init__(' '.join([name, *mode]), command, timeout_s)
        self.mode = mode

    def run(self, cases, directory):
        for i, case in enumerate(cases):
            (directory / f'{i:06}.wast').write_text(script(case))
        status, ending, output, errors = self.process(
            ['wast', '--features', 'all', '--show-actions', '--all', *self.mode, directory])
        # Only a process that came to its end has told all.
        if status not in (0, 1) or ' commands, ' not in output:
            return {}, ending
        told = [{} for _ in cases]
        pattern = re.compile(r'^.*/(\d{6})\.wast:(\d+):\d+: ?(.*)$', re.M)
        for index, line, text in pattern.findall(output):
            told[int(index)][int(line)] = parse_shown(text)
        for index, line, text in pattern.findall(errors):
            told[int(index)].setdefault(int(line), REFUSED)
            if text.startswith('module failed'):
                self.reasons[cases[int(index)].name] = text
        found = {}
        for case, lines in zip(cases, told):
            numbers, at = [], 0
            for module in case.modules:
                numbers += range(at + 2, at + 2 + len(module.calls))
                at += len(module.calls) + 2
            found[case.name] = [lines.get(number, f'{LOST}: nothing was printed')
                                for number in numbers]
        return found, ending


# --- node

class Node(Engine):
    def run(self, cases, directory):
        questions, answers = directory / 'cases', directory / 'answers'
        questions.write_text(''.join(case.to_json() + '\n' for case in cases))
        _, ending, _, _ = self.process(
            [pathlib.Path(__file__).with_name('reference.js'), questions, answers])
        found = {}
        lines = answers.read_text().split('\n')[:-1] if answers.exists() else []
        for case, line in zip(cases, lines):
            reason, *told = line.split('\t')
            if reason:
                self.reasons[case.name] = reason
            found[case.name] = [self.parse(text) for text in told]
        return found, ending

    @staticmethod
    def parse(text):
        if text in (REFUSED, 'exception'):
            return text
        if text.startswith('trap: '):
            return trap(text[len('trap: '):])
        values = [value.split(':') for value in text.split()]
        return observe([(type_, int(bits, 16)) for type_, bits in values])


def make(name, command, modes, timeout_s):
    """The engines of a command: node by its name, all else is Swoop."""
    if os.path.basename(command[0]).startswith('node'):
        return [Node(name, command, timeout_s)]
    return [Swoop(name, command, mode, timeout_s) for mode in modes]
