"""Compares what Swoop makes of some cases with what another engine made of them (answers.tsv,
written by record_answers), in all modes. usage: quick_test.py COMMAND... (swoop, under an
emulator maybe)"""

import concurrent.futures
import sys

sys.dont_write_bytecode = True
import engines
import kinds
import quick
import single

MODES = ((), ('--explicit-bounds',), ('--poison',))


def main():
    recorded, cases = quick.read(), quick.cases()
    complaints = [f'{kind} {name}: has an answer, but is no case' for kind, name in
                  set(recorded) - {(case.kind, case.name) for case in cases}]
    complaints += [f'instruction {name}: single.py makes no case of it'
                   for name in single.uncovered()]
    asked = []
    for case in cases:
        row = recorded.get((case.kind, case.name))
        if row is None or row['question'] != case.digest():
            complaints.append(f'{case.kind} {case.name}: a case that is new or has changed: run '
                              'tests/differential/record_answers')
        else:
            asked.append(case)
    calls = sum(len(case.calls()) for case in asked)

    def ask(mode):
        engine = engines.Swoop('swoop', sys.argv[1:], mode, 300)
        return engine, engine.observe(asked)
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(MODES)) as pool:
        for engine, told in pool.map(ask, MODES):
            for case in asked:
                expected = recorded[case.kind, case.name]
                if quick.row(case, told[case.name]) == expected:
                    continue
                reason = engine.reasons.get(case.name) or next(
                    (text for text in told[case.name] if text.startswith(engines.LOST)), '')
                complaints.append(f'{case.kind} {case.name}: {engine.name} answers otherwise than '
                                  f'node did: {reason or kinds.again(case)}')
    for complaint in complaints:
        print('FAILED ', complaint)
    print(f'{len(asked)} cases, {calls} calls in each of {len(MODES)} modes, '
          f'{len(complaints)} complaints')
    return 1 if complaints or not asked else 0


if __name__ == '__main__':
    sys.exit(main())
