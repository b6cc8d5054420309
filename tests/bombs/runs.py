"""Which bombs are run, how large, with which arguments, and the recorded answers. Used by
run_test.py and record_answers."""

import csv
import pathlib

from bombs import leb

ANSWERS = pathlib.Path(__file__).with_name('answers.tsv')

ARGUMENTS = (0, 1, 7, -1)
# Those that would run for ever with an argument, or whose answer is up to the size of the stack.
OTHER_ARGUMENTS = {'own_loops_outermost': (1, 7, -1), 'recurse_n': (0, 1, 1000, -1)}
NOT_RUN = {'spin_start',  # runs for ever
           'own_br_if_wide'}  # refused: code out of proportion (docs/LIMITS.md)


def first_type(wasm):
    """The bytes of the first type, and what follows."""
    if wasm[8:9] != b'\1':
        return b''
    _, at = leb(wasm, 9)
    _, at = leb(wasm, at)
    return wasm[at:]


def calls(kind):
    """(N, list of (export, arguments)) of a kind; no calls where nothing is exported as f."""
    # Branches of the kinds range_* must be far.
    size = kind.size if kind.name.startswith('range_') else max(1, kind.size // 4)
    wasm = kind.make(size)
    if kind.name in NOT_RUN or kind.name.startswith('x_') or b'\1f\0\0' not in wasm:
        return size, []
    if not first_type(wasm).startswith(b'\x60\1\x7f\1'):
        return size, [('f', ())]
    arguments = OTHER_ARGUMENTS.get(kind.name, ARGUMENTS)
    every = [('all', ())] if b'\3all\0\1' in wasm else []
    return size, [('f', (argument,)) for argument in arguments] + every


def read():
    """[{kind, n, export, arguments, answer}], as strings."""
    with open(ANSWERS, newline='') as table:
        return list(csv.DictReader(table, delimiter='\t'))
