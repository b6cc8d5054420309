"""What Doxygen gets of headers and pages, and the check of the site's links."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs/site"))
from build import broken_links, header_for_doxygen, page_for_doxygen  # noqa: E402


def broken(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text)
        return sorted(broken_links(Path(folder).resolve()))


class Site(unittest.TestCase):
    def test_comments_behind_members_document_them(self):
        self.assertIn("int a; /**< which */", header_for_doxygen(
            "x.hh", "// Things.\n#pragma once\nint a;  // which\n"))
        header = header_for_doxygen("swoop.h", "/*\n * Things. */\n#ifdef __cplusplus\n#endif\n"
                                    "  A, /* which */\n#ifdef __cplusplus\n}\n#endif\n")
        self.assertIn("A, /**< which */", header)

    def test_code_and_its_lines_stay(self):
        text = "// Things.\n#pragma once\nnamespace detail {\nint a;\n}  // namespace detail\nint b;\n"
        header = header_for_doxygen("x.hh", text)
        self.assertEqual(header.split("\n")[5], "int b;")
        self.assertNotIn("int a;", header)

    def test_banners_become_groups(self):
        header = header_for_doxygen("wasm.h", "/* Things. */\n/* --- Two words --- */\nint a;\n"
                                    "#ifdef __cplusplus\n}\n#endif\n")
        self.assertIn("@defgroup wasm_h_two-words Two words", header)
        self.assertEqual(header.count("@{"), header.count("@}"))

    def test_links_of_pages_become_references(self):
        page = page_for_doxygen("docs/embedding/threads.md", "# Threads\n## A b\n[x](limits.md#time) "
                                "[y](#a-b) [z](https://x.org) [w](../../meson.build)\n")
        self.assertEqual(page, "# Threads {#threads}\n## A b {#threads-a-b}\n[x](@ref limits-time) "
                         "[y](@ref threads-a-b) [z](https://x.org) w\n")

    def test_code_with_a_quote_stays_code(self):
        page = page_for_doxygen("docs/embedding/c.md", "`a`, b's `c` and `d('e')`\n")
        self.assertEqual(page, "`a`, b's `c` and ``d('e')``\n")

    def test_finds_broken_links(self):
        self.assertEqual(broken({"a.html": '<a href="b.html#x">b</a>', "b.html": '<p id="x">'}), [])
        self.assertEqual(broken({"a.html": '<a href="b.html">b</a>'}),
                         ["a.html: b.html does not exist"])
        self.assertEqual(broken({"a.html": '<a href="#x">b</a>'}), ["a.html: #x has no such place"])

    def test_finds_what_is_loaded_from_elsewhere(self):
        self.assertEqual(broken({"a.html": '<a href="https://x.org">b</a>'}), [])
        self.assertEqual(broken({"a.html": '<img src="https://x.org/a.png">'}),
                         ["a.html: https://x.org/a.png is loaded from elsewhere"])


if __name__ == "__main__":
    unittest.main()
