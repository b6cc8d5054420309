"""What quick_test.py asks, and the recorded answers: some calls of every single-instruction case,
some random programs and shapes. Of questions and answers only hashes are kept."""

import csv
import pathlib

import random_programs
import shapes
import single
from cases import digest

ANSWERS = pathlib.Path(__file__).with_name('answers.tsv')
COLUMNS = ('kind', 'name', 'calls', 'question', 'answer')
EVERY = 4, 3  # function and call of a single-instruction case
SEEDS = range(1, 101)
MAX_SHAPE_BYTES = 20_000


def cases():
    found = list(single.cases(every=EVERY[0]))
    for case in found:
        for module in case.modules:
            module.calls = module.calls[::EVERY[1]]
    found += [case for case in shapes.cases()
              if sum(len(module.wasm) for module in case.modules) <= MAX_SHAPE_BYTES]
    return found + [random_programs.case(seed) for seed in SEEDS]


def row(case, told):
    return {'kind': case.kind, 'name': case.name, 'calls': str(len(told)),
            'question': case.digest(), 'answer': digest('\n'.join(told))}


def read():
    with open(ANSWERS, newline='') as table:
        return {(row['kind'], row['name']): row for row in csv.DictReader(table, delimiter='\t')}


def write(rows):
    with open(ANSWERS, 'w', newline='') as table:
        writer = csv.DictWriter(table, COLUMNS, delimiter='\t', lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)
