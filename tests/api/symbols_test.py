#!/usr/bin/env python3
"""The shared library shows what the headers declare, and nothing else.

usage: symbols_test.py LIBRARY HEADER...
"""
import re
import subprocess
import sys


def main():
    library, headers = sys.argv[1], sys.argv[2:]
    declared = set()
    for header in headers:
        with open(header, encoding='utf-8') as text:
            for declaration in re.findall(r'^SWOOP_API\b[^;]*;', text.read(), re.M):
                declared.add(re.search(r'\b(swoop_\w+)\s*\(', declaration).group(1))
    if not declared:
        sys.exit(f'no declarations in {headers}')
    listing = subprocess.run(['nm', '-D', '--defined-only', library], check=True,
                             capture_output=True, text=True).stdout
    symbols = {line.split()[-1] for line in listing.splitlines()}
    versions = {symbol for symbol in symbols if re.fullmatch(r'SWOOP\w*_\d+', symbol)}
    defined = {symbol.split('@')[0] for symbol in symbols - versions}
    defined = {symbol for symbol in defined if not symbol.startswith('wasm_')}
    if not versions:
        sys.exit('the symbols have no version')
    for name in sorted(declared - defined):
        print(f'declared, but not in the library: {name}')
    for name in sorted(defined - declared):
        print(f'in the library, but not declared: {name}')
    print(f'{len(declared)} functions')
    sys.exit(declared != defined)


if __name__ == '__main__':
    main()
