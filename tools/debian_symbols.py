#!/usr/bin/env python3
"""Compares debian/PACKAGE.symbols with what a shared library shows, or writes it again.

usage: tools/debian_symbols.py [--write] BUILD

Symbols that are new get the version of the project, those that were there keep theirs.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = {'libswoop0': 'libswoop.so.0', 'libswoop-wasi0': 'libswoop-wasi.so.0'}


def exported(library):
    """NAME@VERSION of all symbols, and those of the versions themselves."""
    listing = subprocess.run(['nm', '-D', '--defined-only', '--with-symbol-versions', library],
                             check=True, capture_output=True, text=True).stdout
    names = {line.split()[-1].replace('@@', '@') for line in listing.splitlines()}
    versions = {name.split('@')[1] for name in names if '@' in name}
    return {name if '@' in name else f'{name}@{name}' for name in names if '@' in name or name in versions}


def read_symbols(path):
    """The symbols with the versions that brought them."""
    if not path.exists():
        return {}
    return dict(re.findall(r'^ (\S+@\S+) (\S+)$', path.read_text(encoding='utf-8'), re.M))


def project_version():
    return re.search(r"^  version: '([^']+)'", (ROOT / 'meson.build').read_text(encoding='utf-8'), re.M)[1]


def text_of(package, soname, symbols):
    lines = [f'{soname} {package} #MINVER#', '* Build-Depends-Package: libswoop-dev']
    return '\n'.join(lines + [f' {name} {symbols[name]}' for name in sorted(symbols)]) + '\n'


def stale(folder, build):
    """What is wrong with the symbols files in a folder, one line each."""
    problems = []
    for package, soname in LIBRARIES.items():
        listed, shown = set(read_symbols(folder / f'{package}.symbols')), exported(build / 'api' / soname)
        problems += [f'{package}.symbols lacks {name}' for name in sorted(shown - listed)]
        problems += [f'{package}.symbols has {name}, which {soname} lacks' for name in sorted(listed - shown)]
    return problems


def main():
    arguments = sys.argv[1:]
    write = '--write' in arguments
    if write:
        arguments.remove('--write')
    if len(arguments) != 1:
        sys.exit(__doc__)
    build = Path(arguments[0])
    if write:
        for package, soname in LIBRARIES.items():
            path = ROOT / 'debian' / f'{package}.symbols'
            former = read_symbols(path)
            symbols = {name: former.get(name, project_version()) for name in exported(build / 'api' / soname)}
            path.write_text(text_of(package, soname, symbols), encoding='utf-8')
    problems = stale(ROOT / 'debian', build)
    if problems:
        sys.exit('\n'.join(problems) + f'\nrun: tools/debian_symbols.py --write {build}')


if __name__ == '__main__':
    main()
