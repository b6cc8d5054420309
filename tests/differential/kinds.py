"""The kinds of cases. Each takes the options of the command and gives the cases, and what it does
not cover, for people."""

import random_programs
import ranges
import shapes
import single
import ttf


def singles(options):
    return single.cases(options.only or ''), [
        f'instruction {name}: single.py makes no case of it' for name in single.uncovered()]


def random_ones(options):
    return (random_programs.case(seed) for seed in options.seeds), []


KINDS = {
    'single': singles,
    'shapes': lambda options: (shapes.cases(), []),
    'random': random_ones,
    'ttf': lambda options: ttf.cases(options.wasm_opt, options.seeds),
    'range': lambda options: ranges.cases(),
}


def again(case):
    """The command that makes this case only."""
    command = f'tests/differential/differential --kind {case.kind} '
    if case.kind in ('random', 'ttf'):
        return command + f'--seeds {case.name}'
    return command + f"--only '{case.name}'"
