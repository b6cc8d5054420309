"""The bombs of tests/bombs whose branches, tables, pools and frames leave the short forms of
instructions: cases of the calls that their recorded answers have."""

import bombs
import runs

from assembler import I32
from cases import Case, Module


def cases():
    generator = bombs.find_generator()
    if generator is None:
        return [], ['kind range: there is no gen_bombs.py (tests/bombs/bombs.py says where)']
    found = []
    for kind in bombs.all_kinds(generator).values():
        if not kind.name.startswith('range_'):
            continue
        size, calls = runs.calls(kind)
        module = Module('a', kind.make(size))
        for export, arguments in calls:
            module.call(export, [(I32, argument % 2 ** 32) for argument in arguments], [I32])
        found.append(Case('range', kind.name, [module]))
    return found, []
