#!/usr/bin/env python3
"""Checks relative links and anchors in Markdown, and that no file names a path of one machine.

Tested by tests/tools/check_links_test.py.
"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

from project_files import project_files

FENCED_CODE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.M)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.M)
EXTERNAL = re.compile(r"^[a-z][a-z0-9+.-]*:", re.I)
# A developer's own folders, and hidden folders beside the checkout: nobody else has them.
MACHINE_PATH = re.compile(rb"(?<![\w./-])/(?:home|work|Users)/\w|\.\./\.[a-z]")


def blank(text: str) -> str:
    """`text` with its code replaced by nothing but line ends, so that line numbers stay."""
    text = FENCED_CODE.sub(lambda code: "\n" * code.group(0).count("\n"), text)
    return INLINE_CODE.sub("", text)


def anchors(text: str) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    found: set[str] = set()
    text = FENCED_CODE.sub("", text)
    for heading in HEADING.findall(text):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        unique, count = slug, 0
        while unique in found:
            count += 1
            unique = f"{slug}-{count}"
        found.add(unique)
    return found


def check_document(root: Path, path: Path) -> list[str]:
    text = blank((root / path).read_text())
    findings = []
    for link in LINK.finditer(text):
        target = link.group(1) or link.group(2)
        if EXTERNAL.match(target):
            continue
        line = text.count("\n", 0, link.start()) + 1
        name, _, anchor = target.partition("#")
        file = root / path.parent / unquote(name) if name else root / path
        if not file.exists():
            findings.append(f"{path}:{line}: {name} does not exist")
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
            findings.append(f"{path}:{line}: {target} has no such heading")
    return findings


def check_machine_paths(root: Path, path: Path) -> list[str]:
    content = (root / path).read_bytes()
    return [f"{path}:{line}: names a path of one machine"
            for line, text in enumerate(content.split(b"\n"), 1) if MACHINE_PATH.search(text)]


def check(root: Path) -> list[str]:
    findings = []
    for path in project_files(root):
        if path.suffix == ".md":
            findings += check_document(root, path)
        findings += check_machine_paths(root, path)
    return findings


def main() -> int:
    findings = check(Path(__file__).resolve().parent.parent)
    print("\n".join(findings) or "links: every link leads somewhere")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
