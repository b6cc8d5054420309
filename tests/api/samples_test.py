#!/usr/bin/env python3
"""The C++ samples of the documents are programs that compile, with and without exceptions.

usage: samples_test.py INCLUDE-FOLDER DOCUMENT... -- COMPILER...
"""
import os
import re
import subprocess
import sys
import tempfile


def main():
    split = sys.argv.index('--')
    include, documents, compiler = sys.argv[1], sys.argv[2:split], sys.argv[split + 1:]
    failed = num_samples = 0
    for document in documents:
        with open(document, encoding='utf-8') as text:
            samples = re.findall(r'```cpp\n(.*?)```', text.read(), re.S)
        for number, sample in enumerate(samples, 1):
            num_samples += 1
            for exceptions in ([], ['-fno-exceptions', '-fno-rtti']):
                with tempfile.TemporaryDirectory() as folder:
                    path = os.path.join(folder, 'sample.cc')
                    with open(path, 'w', encoding='utf-8') as out:
                        out.write(sample)
                    command = [*compiler, '-std=c++20', '-Wall', '-Wextra', '-Werror',
                               '-fsyntax-only', '-I', include, *exceptions, path]
                    done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode != 0:
                    failed += 1
                    print(f'{document}: sample {number} {exceptions}:\n{done.stderr}')
    print(f'{num_samples} samples')
    sys.exit(failed != 0 or num_samples == 0)


if __name__ == '__main__':
    main()
