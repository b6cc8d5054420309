"""The link check must find dead links and paths of one machine, and leave code alone."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from check_links import anchors, check  # noqa: E402


def findings(files: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check(Path(folder))


class CheckLinks(unittest.TestCase):
    def test_allows_what_exists(self):
        text = "# Top\n[b](docs/b.md#two-words) [here](#top) [docs](docs) [web](https://x.org/y)\n"
        self.assertEqual(findings({"a.md": text, "docs/b.md": "## Two `words`\n[up](../a.md)\n"}),
                         [])

    def test_finds_a_missing_file(self):
        self.assertEqual(findings({"docs/a.md": "x\n[b](b.md)\n"}),
                         ["docs/a.md:2: b.md does not exist"])

    def test_finds_a_missing_file_of_a_reference(self):
        self.assertEqual(findings({"a.md": "[b][]\n\n[b]: b.md\n"}),
                         ["a.md:3: b.md does not exist"])

    def test_finds_a_missing_anchor(self):
        self.assertEqual(findings({"a.md": "# A\n[x](#b)\n"}), ["a.md:2: #b has no such heading"])
        self.assertEqual(findings({"a.md": "[x](b.md#c)\n", "b.md": "# B\n"}),
                         ["a.md:1: b.md#c has no such heading"])

    def test_leaves_code_alone_and_counts_lines_past_it(self):
        text = "`[a](x.md)`\n```\n[a](x.md)\n# not a heading\n```\n[b](y.md)\n"
        self.assertEqual(findings({"a.md": text}), ["a.md:6: y.md does not exist"])
        self.assertEqual(anchors(text), set())

    def test_numbers_repeated_headings(self):
        self.assertEqual(anchors("# A b?\n# A b?\n"), {"a-b", "a-b-1"})

    def test_finds_paths_of_one_machine_in_any_file(self):
        for path in ("/" + "home/me/x", "/" + "work/x", "../" + ".hidden/x"):
            self.assertEqual(findings({"a.cc": f'int x;\nopen("{path}");\n'}),
                             ["a.cc:2: names a path of one machine"])
        self.assertEqual(findings({"a.cc": "at/work/x ../x ./homework\n"}), [])


if __name__ == "__main__":
    unittest.main()
