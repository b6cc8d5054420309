#!/usr/bin/env python3
"""The manual pages say what the command and the headers say. usage: man_test.py SWOOP PAGE SOURCE"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SWOOP, PAGE, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
LIBRARY_PAGE = SOURCE / 'docs/man/libswoop.3'


def run(*command, **options):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, **options)


def options_in(text):
    return set(re.findall(r'(?<![-\w`])--[a-z][-a-z0-9]*', text))


def plain(page):
    """What a reader sees, on one line for each of the page's."""
    return re.sub(r'\\f[A-Z]', '', page).replace('\\-', '-').replace('\\e', '\\').replace('\\&', '')


def described(page):
    """The options that have a description, by section."""
    found, section = {}, None
    lines = plain(page).split('\n')
    for line, following in zip(lines, lines[1:]):
        if line.startswith(('.SH ', '.SS ')):
            section = line[4:]
        elif line == '.TP':
            found.setdefault(section, set()).update(options_in(following))
    return found


class CommandPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = PAGE.read_text()
        cls.described = described(cls.page)
        cls.verbs = re.findall(r'^  (\w+) {2,}', run(SWOOP, '--help').stdout.partition('Subcommands:')[2], re.M)
        cls.helps = {verb: run(SWOOP, verb, '--help').stdout for verb in cls.verbs}

    def test_has_every_verb_and_no_other(self):
        self.assertGreater(len(self.verbs), 5)
        self.assertEqual(re.findall(r'^\.SS (\w+)$', self.page, re.M), self.verbs)

    def test_has_every_option_and_no_other(self):
        shared = self.described['MACHINE CODE']
        for verb, text in self.helps.items():
            with self.subTest(verb):
                known = set()
                for line in re.findall(r'^  (-.*)', text, re.M):
                    known |= options_in(line.split(' ')[0].replace(',', ' '))
                known.discard('--help')
                self.assertTrue(known or verb in ('inspect',))
                written = self.described.get(verb, set())
                self.assertEqual(known - written - shared, set())
                self.assertEqual(written - known, set())
        self.assertEqual(shared - options_in('\n'.join(self.helps.values())), set())

    def test_has_every_exit_code_and_no_other(self):
        codes = re.findall(r'^  k\w+ = (\d+),', (SOURCE / 'cli/exit_code.h').read_text(), re.M)
        section = self.page.partition('.SH EXIT STATUS')[2].partition('.SH')[0]
        self.assertEqual(sorted(set(codes), key=int), re.findall(r'^(\d+)$', section, re.M))

    def test_help_has_every_exit_code(self):
        codes = re.findall(r'^  k\w+ = (\d+),', (SOURCE / 'cli/exit_code.h').read_text(), re.M)
        told = run(SWOOP, '--help').stdout.partition('Exit codes:')[2]
        self.assertEqual(set(codes) - {'0'}, set(re.findall(r'\b\d+\b', told)))

    def test_has_every_environment_variable(self):
        section = self.page.partition('.SH ENVIRONMENT')[2].partition('.SH')[0]
        read = set()
        for source in (SOURCE / 'cli').rglob('*.cc'):
            read |= set(re.findall(r'getenv\("(\w+)"\)', source.read_text()))
        self.assertEqual(set(re.findall(r'^\.B ([A-Z_]{4,})$', section, re.M)), read - {'TERM'})

    def test_is_not_made_of_help_that_it_does_not_understand(self):
        with tempfile.TemporaryDirectory() as folder:
            fake = pathlib.Path(folder) / 'swoop'
            for verb_help in ('Options:\n  --speed N:UINT in some range   Go\n', 'Options:\n  --speed\n'):
                fake.write_text('#!/bin/sh\ncat <<END\nRuns.\nUsage: swoop VERB\n\nOptions:\n'
                                f'  -h,--help{" " * 23}Help\n\n'
                                f'$([ "$1" = run ] && echo "{verb_help}" || printf "Subcommands:\\n  run{" " * 29}Run")\nEND\n')
                fake.chmod(0o755)
                result = run(sys.executable, SOURCE / 'docs/man/make_man.py', fake,
                             SOURCE / 'docs/man/swoop.1.in', pathlib.Path(folder) / 'page')
                self.assertNotEqual(result.returncode, 0)
                self.assertIn('make_man: what', result.stderr)


class LibraryPage(unittest.TestCase):
    def test_names_what_the_headers_declare(self):
        page = plain(LIBRARY_PAGE.read_text())
        headers = ''.join(header.read_text() for header in (SOURCE / 'api/include/swoop').iterdir())
        functions = set(re.findall(r'\b(swoop_\w+) \(\)', page))
        classes = set(re.findall(r'\bswoop::([A-Z]\w+)', page))
        self.assertTrue(functions and classes)
        for name in functions:
            self.assertRegex(headers, rf'\b{name}\(')
        for name in classes:
            self.assertRegex(headers, rf'class (\[\[nodiscard\]\] )?{name}\b')
        for header in re.findall(r'^\.B #include <([^>]+)>', page, re.M):
            self.assertTrue((SOURCE / 'api/include' / header).is_file(), header)


class Pages(unittest.TestCase):
    def test_are_read_without_warnings(self):
        checkers = {'groff': ['-man', '-Tutf8', '-ww', '-z', '-K', 'utf8'], 'mandoc': ['-Tlint', '-W', 'warning']}
        checkers = {name: options for name, options in checkers.items() if shutil.which(name)}
        if not checkers:
            self.skipTest('neither groff nor mandoc')
        for name, options in checkers.items():
            for page in (PAGE, LIBRARY_PAGE):
                with self.subTest(checker=name, page=page.name):
                    result = run(name, *options, page)
                    self.assertEqual((result.stdout, result.stderr), ('', ''))


if __name__ == '__main__':
    unittest.main(argv=['man_test', *sys.argv[4:]])
