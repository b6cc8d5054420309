"""The layer check must find each kind of violation: bad examples in, findings out."""

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from check_layers import check, read_rules  # noqa: E402

DOCUMENT = """# A
## Layers
| folder | holds |
|---|---|
| `base/` | x |
| `platform/` | x |
| `jit/` | x |
## Kept in one place
| what | only in | why |
|---|---|---|
| `<sys/*>` `<signal.h>` | `platform/` | x |
| `<Zydis/*>` | `jit/disassemble.cc` | x |
| `reinterpret_cast` | `platform/` `jit/` | x |
"""


def findings(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"docs/ARCHITECTURE.md": DOCUMENT, **files}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check(Path(folder))


class CheckLayers(unittest.TestCase):
    def assert_finds(self, name: str, line: str, expected: str) -> None:
        found = findings({name: f"// purpose\n{line}\n"})
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{name}:2: "), found)
        self.assertIn(expected, found[0])

    def assert_allows(self, name: str, line: str) -> None:
        self.assertEqual(findings({name: line + "\n"}), [])

    def test_allows_the_same_folder_and_those_above(self):
        self.assert_allows("jit/a.cc", '#include "jit/b.h"\n#include "base/d.h"')

    def test_finds_an_include_of_a_folder_below(self):
        self.assert_finds("base/a.h", '#include "jit/b.h"', "base/ may not include jit/")
        self.assert_finds("platform/x.inl", ' # include "jit/r.def"', "may not include jit/")

    def test_finds_an_include_without_a_folder(self):
        self.assert_finds("jit/a.cc", '#include "b.h"', "not a path from the top")
        self.assert_finds("jit/a.cc", '#include "../base/b.h"', "not a path from the top")

    def test_keeps_headers_in_their_place(self):
        self.assert_finds("jit/a.cc", "#include <sys/mman.h>", "belongs to platform/")
        self.assert_finds("base/a.cc", "#include <signal.h>", "belongs to platform/")
        self.assert_allows("platform/a.cc", "#include <sys/mman.h>")

    def test_keeps_a_header_in_one_file(self):
        self.assert_finds("jit/a.cc", "#include <Zydis/Zydis.h>", "to jit/disassemble.cc")
        self.assert_allows("jit/disassemble.cc", "#include <Zydis/Zydis.h>")

    def test_keeps_words_in_their_place(self):
        self.assert_finds("base/a.cc", "auto p = reinterpret_cast<int*>(q);", "to platform/ jit/")
        self.assert_allows("jit/a.cc", "auto* p = reinterpret_cast<int*>(q);")
        self.assert_allows("base/a.cc", "// no reinterpret_cast here")

    def test_finds_a_folder_without_a_row(self):
        self.assertIn("has no row", findings({"new/a.cc": "int x;\n"})[0])

    def test_refuses_a_document_without_the_tables(self):
        with self.assertRaises(ValueError):
            read_rules("# nothing here\n")

    def test_reads_the_real_document(self):
        rules = read_rules((ROOT / "docs/ARCHITECTURE.md").read_text())
        self.assertEqual(rules.layers[:2], ["base", "platform"])
        self.assertIn("jit", rules.layers)
        self.assertIn("reinterpret_cast", [what for what, _ in rules.kept])


if __name__ == "__main__":
    unittest.main()
