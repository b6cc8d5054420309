#!/usr/bin/env python3
"""Every function of wasm.h is either declared by its name, beside which its text is, or in the table
of the page about wasm.h: wasm_h_page_test.py NAMES.inc HEADER PAGE"""

import re
import sys
import unittest
from pathlib import Path


class Page(unittest.TestCase):
    def test_all_functions_have_a_text(self):
        names, header, page = (Path(path).read_text() for path in PATHS)
        declared = set(re.findall(r"NAME\((\w+)\)", names))
        self.assertEqual(len(declared), 280)
        in_header = set(re.findall(r"\b(wasm_\w+)\(", header))
        in_table = set()
        for row in re.findall(r"^\| (`wasm_.*) \|$", page, re.MULTILINE):
            functions, _, types = (re.findall("`([^`]+)`", cell) for cell in row.split(" | "))
            in_table |= {re.sub(r"(?<=_)T(?=_|$)", name, function)
                         for name in types for function in functions}
        self.assertEqual(in_table - declared, set())
        self.assertEqual(declared - in_table - in_header, set())


if __name__ == "__main__":
    PATHS = sys.argv[1:4]
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
