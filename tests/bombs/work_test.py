"""The gate for linear time: every kind of bomb at N/4, N/2 and N, and everything that must be
refused, through the counting build of the compiler. usage: work_test.py WORK_UNITS [KIND...]

Work is counted, not timed, so the outcome does not depend on the machine. With KINDs it prints what
it found for these."""

import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import bombs

MOST_EXPONENT = 1.15
# A call or a block of a few bytes can name a type of 2,000 values, a function 50,000 locals: these
# limits, not the size of the module, bound the work of one instruction or function. A local costs each of its functions a few units.
UNITS_PER_BYTE, UNITS_PER_FUNCTION, UNITS_AT_ALL = 128, 1024, 20_000
WIDE_UNITS_PER_BYTE, UNITS_OF_LOCALS = 8_000, {'own_locals_last': 1_000_000}
WIDE = {'multivalue_blocks', 'multivalue_brif', 'locals_50000', 'locals_50000_v128', 'range_frame',
        'own_nested_parameters', 'own_wide_functions', 'own_br_table_wide',
        'own_br_if_wide', 'own_br_if_many_results', 'own_dead_wide_blocks'}
ALLOCATED_PER_BYTE, ALLOCATED_AT_ALL = 128, 4 << 20  # 50,000 locals need 2 MB once

# Results other than ok.
EXPECTED = {
    'x_locals': 'limit exceeded',
    'x_locals_u32': 'malformed',
    # Code out of proportion to the module (docs/LIMITS.md).
    'own_br_if_wide': 'limit exceeded',
}
# What is well-formed but not valid, of the set that must be refused. The rest is malformed.
INVALID = {'br_depth_4G', 'call_index_4G', 'dup_export', 'initexpr_no_end_1M', 'initexpr_nonconst',
           'local_index_4G', 'mem_65537_pages', 'mem_align_33', 'mem_min_gt_max', 'start_bad_type',
           'type_index_block'}
# The least that any refusal costs, and what is left to read: one of the bodies is a megabyte.
REFUSED_UNITS, REFUSED_ALLOCATED = 5_000, 200_000


class Report:
    def __init__(self, line):
        _, wasm_bytes, functions, units, allocated, self.result, self.message = line.split('\t')
        self.wasm_bytes, self.functions = int(wasm_bytes), int(functions)
        self.units, self.allocated = int(units), int(allocated)


def count(work_units, modules):
    """Reports on modules, in order."""
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for number, wasm in enumerate(modules):
            files.append(pathlib.Path(directory) / f'{number}.wasm')
            files[-1].write_bytes(wasm)
        result = subprocess.run([work_units, *files], capture_output=True, timeout=250, check=True)
    return [Report(line) for line in result.stdout.decode(errors='replace').splitlines()]


def measure(work_units, kind):
    """(text of what was found, list of complaints) of a kind."""
    fixed = kind.name.startswith('x_') or kind.size == 1
    sizes = [kind.size] if fixed else [max(1, kind.size * part // 4) for part in (1, 2, 4)]
    reports = count(work_units, [kind.make(n) for n in sizes])
    last = reports[-1]
    growth = 0 if fixed else bombs.exponent([(n, r.units) for n, r in zip(sizes, reports)])
    complaints = []
    if growth > MOST_EXPONENT:
        complaints.append(f'work grows with exponent {growth:.2f}, at most {MOST_EXPONENT}')
    expected = EXPECTED.get(kind.name, 'ok')
    if last.result != expected:
        complaints.append(f'{last.result}, expected {expected} {last.message}')
    for n, report in zip(sizes, reports):
        per_byte = WIDE_UNITS_PER_BYTE if kind.name in WIDE else UNITS_PER_BYTE
        per_function = UNITS_OF_LOCALS.get(kind.name, UNITS_PER_FUNCTION)
        most = per_byte * report.wasm_bytes + per_function * report.functions + UNITS_AT_ALL
        if report.units > most:
            complaints.append(f'N={n}: {report.units} units of work, at most {most}')
        most = ALLOCATED_PER_BYTE * report.wasm_bytes + ALLOCATED_AT_ALL
        if report.allocated > most:
            complaints.append(f'N={n}: {report.allocated} bytes allocated, at most {most}')
    text = (f'{kind.name}: exponent {growth:.2f}, {last.units / last.wasm_bytes:.1f} units and '
            f'{last.allocated / last.wasm_bytes:.1f} bytes allocated per byte, {last.result}')
    return text, complaints


def refused(work_units, malformed):
    """Complaints about what must be refused."""
    complaints = []
    for name, report in zip(malformed, count(work_units, malformed.values())):
        expected = 'invalid' if name in INVALID else 'malformed'
        if report.result != expected:
            complaints.append(f'bad {name}: {report.result}, expected {expected} {report.message}')
        if report.units > REFUSED_UNITS or report.allocated > REFUSED_ALLOCATED:
            complaints.append(f'bad {name}: {report.units} units of work and {report.allocated} '
                              'bytes allocated for a refusal')
    return complaints


def main():
    work_units = str(pathlib.Path(sys.argv[1]).resolve())
    generator = bombs.find_generator()
    kinds = bombs.all_kinds(generator)
    if len(sys.argv) > 2:
        for name in sys.argv[2:]:
            text, complaints = measure(work_units, kinds[name])
            print('\n'.join([text, *complaints]))
        return 0

    complaints = []
    # A counter that does not count would pass everything else.
    instruction = bombs.i32(1) + bombs.DROP
    few, many = count(work_units, [bombs.one(instruction * n + bombs.get(0)) for n in (1, 10_001)])
    if many.units - few.units < 4 * 10_000:
        complaints.append(f'20,000 instructions count as {many.units - few.units} units of work')

    measured = bombs.every(lambda kind: measure(work_units, kind), kinds.values())
    for kind, (_, found) in zip(kinds.values(), measured):
        complaints += [f'{kind.name}: {complaint}' for complaint in found]
    num_malformed = 0
    if generator is not None:
        malformed = generator.malformed()
        num_malformed = len(malformed)
        complaints += refused(work_units, malformed)
    return bombs.conclude(f'{len(kinds)} kinds of bombs, {num_malformed} modules to refuse',
                          complaints, generator)


if __name__ == '__main__':
    sys.exit(main())
