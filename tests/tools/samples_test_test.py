"""The test of samples must find code that it would not compile, and wrong output."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "api"))
from samples_test import extract, unit_of_cpp  # noqa: E402


def findings(text: str) -> list[str]:
    return extract("a.md", text)[1]


class Samples(unittest.TestCase):
    def test_finds_samples_with_their_lines_and_outputs(self):
        samples, wrong = extract(
            "a.md", "x\n```cpp\nint main() {}\n```\n```output\n1\n```\n- y\n  ```c\n  f();\n  ```\n")
        self.assertEqual(wrong, [])
        self.assertEqual([(s.language, s.line, s.text, s.output, s.is_program) for s in samples],
                         [("cpp", 3, "int main() {}\n", "1\n", True),
                          ("c", 10, "f();\n", None, False)])

    def test_finds_code_that_would_not_be_compiled(self):
        for text in ("```\n#include <x.h>\n```\n", "```c++\nswoop::Engine engine;\n```\n",
                     "~~~cc\nint main() {}\n~~~\n", "```text\nswoop_release(x);\n```\n"):
            self.assertEqual(findings(text), ["a.md:2: code that is not compiled: say cpp or c"])
        self.assertEqual(findings("x\n\n    auto a = b;\n"),
                         ["a.md:3: code that is not compiled: put it in a block"])
        self.assertEqual(findings("```sh\nswoop run x\n```\n    in words\n"), [])

    def test_finds_output_of_no_program(self):
        wrong = ["a.md:5: output of no program"]
        self.assertEqual(findings("```cpp\nf();\n```\n```output\n1\n```\n"), wrong)

    def test_points_at_the_document(self):
        samples, _ = extract("a.md", "```cpp\n#include <x>\nint main() {\n}\n```\n")
        unit = unit_of_cpp(samples)
        self.assertIn('#line 2 "a.md"', unit)
        self.assertIn("return 0; }", unit)


if __name__ == "__main__":
    unittest.main()
