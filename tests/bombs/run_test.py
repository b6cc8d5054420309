"""Runs every bomb that exports a function and compares with the answers of another engine
(answers.tsv, written by record_answers). usage: run_test.py SWOOP"""

import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import bombs
import runs


def answer_of(command):
    """What the command printed, or how it ended, in the words of answers.tsv."""
    result = subprocess.run(command, capture_output=True, timeout=120)
    if result.returncode == 0:
        return ' '.join(result.stdout.decode().split())
    first = result.stderr.decode(errors='replace').strip().split('\n')[0].removeprefix('error: ')
    if first.startswith('uncaught exception'):
        return 'exception'
    return first if result.returncode == 134 else f'exit code {result.returncode}: {first}'


def check(swoop, kind, rows):
    """Complaints about one kind."""
    complaints = []
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / 'bomb.wasm'
        file.write_bytes(kind.make(int(rows[0]['n'])))
        for row in rows:
            found = answer_of([swoop, 'run', '--invoke', row['export'], file,
                               *row['arguments'].split()])
            if found != row['answer']:
                complaints.append(f'{kind.name}, N={row["n"]}: {row["export"]}({row["arguments"]}) '
                                  f'answers {found!r}, expected {row["answer"]!r}')
    return complaints


def main():
    swoop = str(pathlib.Path(sys.argv[1]).resolve())
    generator = bombs.find_generator()
    kinds = bombs.all_kinds(generator)
    recorded = {}
    for row in runs.read():
        recorded.setdefault(row['kind'], []).append(row)
    complaints = [f'{name}: has answers, but there is no such kind'
                  for name in sorted(set(recorded) - set(kinds)) if generator is not None]
    tested = [name for name in recorded if name in kinds]
    for found in bombs.every(lambda name: check(swoop, kinds[name], recorded[name]), tested):
        complaints += found
    calls = sum(len(recorded[name]) for name in tested)
    return bombs.conclude(f'{len(tested)} kinds, {calls} calls', complaints, generator)


if __name__ == '__main__':
    sys.exit(main())
