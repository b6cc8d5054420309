#!/usr/bin/env python3
"""The samples in C and C++ of all documents compile, and print what the documents say they print.

A block ```cpp or ```c that has a main() is a program, which is run; any other is a fragment: the
body of a function that has an engine, a module, a store and an instance. Samples in C++ compile with
and without exceptions. A block ```output is what the program before it prints. Code in C or C++
that is in no such block is an error: nobody would notice when it is wrong.

usage: samples_test.py ROOT INCLUDE-FOLDER [LIBRARY...] -- C++-COMPILER... [-- C-COMPILER...]
Without libraries nothing is run.
"""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))
from project_files import project_files  # noqa: E402

FENCE = re.compile(r'^( *)(```+|~~~+) *(\S*)[^\n]*\n(.*?)^ *\2`* *$', re.M | re.S)
LOOKS_LIKE_CODE = re.compile(
    r'#include *[<"]|\bswoop::\w|\b(?:swoop|wasm)_\w+ ?\(|\bint main\b|\bauto \w+ = ')
INDENTED_CODE = re.compile(r'^(?: {4}|\t).*\n', re.M)
CPP, C = 'cpp', 'c'

FRAGMENT_PRELUDE = {
    CPP: '''#include <cstdio>
#include <chrono>
#include <swoop/swoop.hh>
#include <swoop/wasi.hh>
''',
    C: '''#include <stdio.h>
#include <swoop/swoop.h>
#include <swoop/wasi.h>
''',
}
FRAGMENT_BEGIN = {
    CPP: 'using namespace swoop; using namespace std::chrono_literals;\n'
         '[[maybe_unused]] static void fragment([[maybe_unused]] const Engine& engine, '
         '[[maybe_unused]] const Module& module, [[maybe_unused]] Store& store, '
         '[[maybe_unused]] Instance& instance) {\n',
    C: 'void sample(swoop_engine_t* engine, swoop_module_t* module, swoop_store_t* store, '
       'swoop_instance_t instance);\n'
       'void sample(swoop_engine_t* engine, swoop_module_t* module, swoop_store_t* store, '
       'swoop_instance_t instance) {\n(void)engine; (void)module; (void)store; (void)instance;\n',
}


@dataclass
class Sample:
    document: str
    line: int
    language: str
    text: str
    output: str | None = None

    @property
    def is_program(self):
        return re.search(r'\bint main\(', self.text) is not None

    @property
    def needs_exceptions(self):
        return re.search(r'\b(?:throw|try|catch)\b', self.text) is not None

    @property
    def place(self):
        return f'{self.document}:{self.line}'


def extract(document: str, text: str) -> tuple[list[Sample], list[str]]:
    """The samples of a document, and what looks like code but would not be compiled."""
    samples, findings, previous = [], [], None
    for block in FENCE.finditer(text):
        indent, _, language, content = block.groups()
        line = text.count('\n', 0, block.start()) + 2
        if indent:
            content = re.sub(f'^{indent}', '', content, flags=re.M)
        current = None
        if language in (CPP, C):
            current = Sample(document, line, language, content)
            samples.append(current)
        elif language == 'output':
            if previous is None or not previous.is_program:
                findings.append(f'{document}:{line}: output of no program')
            else:
                previous.output = content
        elif LOOKS_LIKE_CODE.search(content):
            findings.append(f'{document}:{line}: code that is not compiled: say cpp or c')
        previous = current
    outside = FENCE.sub(lambda block: '\n' * block.group(0).count('\n'), text)
    for indented in INDENTED_CODE.finditer(outside):
        if LOOKS_LIKE_CODE.search(indented.group(0)):
            line = outside.count('\n', 0, indented.start()) + 1
            findings.append(f'{document}:{line}: code that is not compiled: put it in a block')
    return samples, findings


def located(sample: Sample, text: str) -> str:
    return f'#line {sample.line} "{sample.document}"\n{text}'


def unit_of_cpp(samples: list[Sample]) -> str:
    """One translation unit of all samples, each in a namespace, with a main() that runs one."""
    includes, bodies, cases = {}, [], []
    for number, sample in enumerate(samples):
        text = sample.text
        if sample.is_program:  # in a namespace, main() is an ordinary function
            end = text.rindex('}')
            text = text[:end] + 'return 0; }' + text[end + 1:]
            cases.append(f'case {number}: return sample_{number}::main();')
        else:
            text = FRAGMENT_PRELUDE[CPP] + FRAGMENT_BEGIN[CPP] + \
                located(sample, text) + '}\n'
        for include in re.findall(r'^#include .*', text, re.M):
            includes[include] = True
        text = re.sub(r'^#include .*', '', text, flags=re.M)
        bodies.append(f'namespace sample_{number} {{\n{located(sample, text)}\n}}\n')
    return '\n'.join(['#include <cstdlib>', *sorted(includes), *bodies,
                      'int main(int, char** arguments) {', 'switch (std::atoi(arguments[1])) {',
                      *cases, '}', 'return 99;', '}', ''])


def unit_of_c(sample: Sample) -> str:
    if sample.is_program:
        return located(sample, sample.text)
    return FRAGMENT_PRELUDE[C] + FRAGMENT_BEGIN[C] + located(sample, sample.text) + '}\n'


def run(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


class Test:
    def __init__(self, include: str, libraries: list[str], cpp: list[str], c: list[str],
                 folder: str):
        flags = ['-Wall', '-Wextra', '-Werror', '-I', include]
        self.cpp = [*cpp, '-std=c++20', *flags]
        self.c = [*c, '-std=c11', *flags]
        self.libraries = [*libraries, '-pthread',
                          *(f'-Wl,-rpath,{os.path.dirname(library)}' for library in libraries)]
        self.runs = bool(libraries)
        self.folder = folder

    def write(self, name: str, text: str) -> str:
        path = os.path.join(self.folder, name)
        Path(path).write_text(text, encoding='utf-8')
        return path

    def check_output(self, sample: Sample, command: list[str]) -> list[str]:
        if not self.runs or not sample.is_program:
            return []
        code, output, errors = run(command)
        if code != 0:
            return [f'{sample.place}: ended with {code}\n{errors}']
        if sample.output is not None and output != sample.output:
            return [f'{sample.place}: prints\n{output}instead of\n{sample.output}']
        return []

    def compile(self, arguments: list[str], program: str) -> str:
        """Errors of the compiler."""
        tail = ['-o', program, *self.libraries] if self.runs else ['-fsyntax-only']
        code, _, errors = run([*arguments, *tail])
        return errors if code != 0 else ''

    def check_cpp(self, samples: list[Sample]) -> list[str]:
        source = self.write('samples.cc', unit_of_cpp(samples))
        program = os.path.join(self.folder, 'samples')
        if errors := self.compile([*self.cpp, source], program):
            return [errors]
        return [finding for number, sample in enumerate(samples)
                for finding in self.check_output(sample, [program, str(number)])]

    def check_cpp_without_exceptions(self, samples: list[Sample]) -> list[str]:
        source = self.write('without_exceptions.cc', unit_of_cpp(
            [sample for sample in samples if not sample.needs_exceptions]))
        code, _, errors = run([*self.cpp, '-fno-exceptions', '-fno-rtti', '-fsyntax-only', source])
        return [errors] if code != 0 else []

    def check_c(self, samples: list[Sample]) -> list[str]:
        findings = []
        for number, sample in enumerate(samples):
            source = self.write(f'sample{number}.c', unit_of_c(sample))
            program = os.path.join(self.folder, f'sample{number}')
            if not sample.is_program:
                code, _, errors = run([*self.c, '-fsyntax-only', source])
                findings += [errors] if code != 0 else []
            elif errors := self.compile([*self.c, source], program):
                findings.append(errors)
            else:
                findings += self.check_output(sample, [program])
        return findings


def main():
    parts, rest = [], sys.argv[1:]
    while '--' in rest:
        parts.append(rest[:rest.index('--')])
        rest = rest[rest.index('--') + 1:]
    parts.append(rest)
    (root, include, *libraries), cpp, c = parts[0], parts[1], parts[2] if len(parts) > 2 else []

    samples, findings = [], []
    for path in project_files(Path(root), ('.md',)):
        found, wrong = extract(str(path), Path(root, path).read_text(encoding='utf-8'))
        samples += found
        findings += wrong
    in_cpp = [sample for sample in samples if sample.language == CPP]
    in_c = [sample for sample in samples if sample.language == C]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        test = Test(include, libraries, cpp, c, folder)
        jobs = [pool.submit(test.check_cpp, in_cpp),
                pool.submit(test.check_cpp_without_exceptions, in_cpp)]
        if c:
            jobs.append(pool.submit(test.check_c, in_c))
        for job in jobs:
            findings += job.result()
    print('\n'.join(findings))
    print(f'{len(in_cpp)} samples in C++, {len(in_c)} in C{"" if c else ", not compiled"}')
    sys.exit(bool(findings) or not in_cpp or not in_c)


if __name__ == '__main__':
    main()
