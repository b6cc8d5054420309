#!/usr/bin/env python3
"""The Debian packages hold what is installed and show. usage: packaging_test.py BUILD SOURCE"""

import fnmatch
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
sys.path.insert(0, str(SOURCE / 'tools'))
import debian_symbols  # noqa: E402

MACHINE = 'some-machine'
# Only where the command is linked statically, which that of the package is not.
NOT_PACKAGED = {'usr/bin/swoop-disasm', 'usr/share/man/man1/swoop-disasm.1'}


def paragraphs(text):
    """The fields of each paragraph of a control file."""
    for paragraph in text.strip().split('\n\n'):
        yield {name: ' '.join(value.split()) for name, value in
               re.findall(r'^([\w-]+):((?:.*)(?:\n .*)*)', paragraph, re.M)}


def installed_files():
    """What `meson install` installs, at the places it has in a package."""
    options = {option['name']: option['value'] for option in
               json.loads((BUILD / 'meson-info/intro-buildoptions.json').read_text())}
    folders = {'bindir': 'bin', 'includedir': 'include', 'mandir': 'share/man', 'libdir': f'lib/{MACHINE}',
               'libdir_shared': f'lib/{MACHINE}', 'libdir_static': f'lib/{MACHINE}'}
    plan = json.loads((BUILD / 'meson-info/intro-install_plan.json').read_text())
    for group in plan.values():
        for entry in group.values():
            place = entry['destination'].format(**folders)
            for name in ('libdir', 'mandir', 'includedir', 'bindir'):  # paths that are written out
                if place.startswith(options[name] + '/'):
                    place = folders[name] + place.removeprefix(options[name])
                    break
            yield f'usr/{place}'
            library = re.fullmatch(r'(.*\.so)(\.\d+)(\.\d+)+', place)
            if library:
                yield f'usr/{library[1]}'
                yield f'usr/{library[1]}{library[2]}'


def package_of(path, lists):
    def takes(pattern):
        return fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, pattern + '/*')
    return [(package, pattern) for package, patterns in lists.items() for pattern in patterns if takes(pattern)]


class Packaging(unittest.TestCase):
    def setUp(self):
        self.lists = {path.stem: path.read_text().split() for path in (SOURCE / 'debian').glob('*.install')}
        self.control = list(paragraphs((SOURCE / 'debian/control').read_text()))

    def test_every_installed_file_is_in_one_package(self):
        files = set(installed_files())
        self.assertIn(f'usr/lib/{MACHINE}/libswoop.so.0', files)
        used = set()
        for path in sorted(files - NOT_PACKAGED):
            with self.subTest(path):
                owners = package_of(path, self.lists)
                # libswoop*.so is of the development package, libswoop.so.* of the library's.
                self.assertEqual(len({package for package, _ in owners}), 1, owners)
                used.update(owners)
        every = {(package, pattern) for package, patterns in self.lists.items() for pattern in patterns}
        if any(path.endswith('bin/swoop') for path in files):  # else this build lacks the command
            self.assertEqual(every - used, set())

    def test_every_list_has_its_package(self):
        self.assertEqual(set(self.lists), {fields['Package'] for fields in self.control if 'Package' in fields})

    def test_symbols_are_those_of_the_libraries(self):
        self.assertEqual(debian_symbols.stale(SOURCE / 'debian', BUILD), [])

    def test_a_missing_symbol_and_one_too_many_are_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            for package in debian_symbols.LIBRARIES:
                lines = (SOURCE / 'debian' / f'{package}.symbols').read_text().splitlines()
                lines[-1] = ' swoop_imaginary@SWOOP_0 0.1.0'
                (pathlib.Path(folder) / f'{package}.symbols').write_text('\n'.join(lines) + '\n')
            self.assertEqual(len(debian_symbols.stale(pathlib.Path(folder), BUILD)), 4)

    def test_the_version_is_that_of_the_project(self):
        first = re.match(r'swoop \((\S+)\)', (SOURCE / 'debian/changelog').read_text())[1]
        self.assertEqual(first, debian_symbols.project_version())

    def test_what_is_needed_to_build_is_what_x_installs(self):
        listed = re.search(r'^build_packages=\(([^)]*)\)', (SOURCE / 'x').read_text(), re.M)[1].split()
        # build-essential has one, meson depends on the other; pkg-config is the older name of pkgconf.
        listed = {'pkgconf' if name == 'pkg-config' else name for name in listed} - {'g++', 'ninja-build'}
        needed = {part.split()[0] for part in self.control[0]['Build-Depends'].split(',')}
        self.assertEqual(needed - {'debhelper-compat', 'python3'}, listed)


class Library(unittest.TestCase):
    """Who packages the library alone, or embeds it as a subproject, has nothing else of ours."""

    def test_is_configured_without_everything_else(self):
        with tempfile.TemporaryDirectory() as folder:
            off = [f'-D{name}=disabled' for name in ('cli', 'tests', 'benchmarks', 'disassembler')]
            result = subprocess.run(['meson', 'setup', folder, str(SOURCE), *off], capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            targets = json.loads((pathlib.Path(folder) / 'meson-info/intro-targets.json').read_text())
            installed = {target['name'] for target in targets if target['installed']}
            self.assertEqual(installed, {'swoop', 'swoop-wasi'})
            self.assertEqual({target['type'] for target in targets}, {'static library', 'shared library'})


if __name__ == '__main__':
    unittest.main(argv=['packaging_test', *sys.argv[3:]])
