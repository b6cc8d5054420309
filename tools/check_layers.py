#!/usr/bin/env python3
"""Checks that includes go only where docs/ARCHITECTURE.md allows.

Two tables of that document are read, so that the rule is written once:
  - under "## Layers", the folders in order: each includes only itself and the folders above it;
  - under "## Kept in one place", headers `<...>` (with wildcards) and words, and the only folders
    (with a final slash) or files that use them.

Tested by tests/tools/check_layers_test.py.
"""

import re
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from project_files import project_files

SOURCES = (".h", ".hh", ".cc", ".inl", ".def")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|(<[^>]+>))')
CODE_SPAN = re.compile(r"`([^`]+)`")


@dataclass
class Rules:
    layers: list[str] = field(default_factory=list)
    kept: list[tuple[str, list[str]]] = field(default_factory=list)  # what, its only places


def table_rows(document: str, heading: str) -> list[list[str]]:
    """The cells of the first table under `heading`, without its two header lines."""
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", document, re.M | re.S)
    lines = re.findall(r"^\|(.*)\|\s*$", section.group(1), re.M) if section else []
    return [line.split("|") for line in lines[2:]]


def read_rules(document: str) -> Rules:
    rules = Rules()
    for cells in table_rows(document, "Layers"):
        rules.layers += [span.rstrip("/") for span in CODE_SPAN.findall(cells[0])]
    for cells in table_rows(document, "Kept in one place"):
        places = CODE_SPAN.findall(cells[1])
        rules.kept += [(what, places) for what in CODE_SPAN.findall(cells[0])]
    if len(rules.layers) < 2 or not rules.kept:
        raise ValueError("docs/ARCHITECTURE.md: no table under 'Layers' or 'Kept in one place'")
    return rules


def is_within(path: str, places: list[str]) -> bool:
    return any(path.startswith(place) if place.endswith("/") else path == place for place in places)


def check_include(path: str, project_header: str | None, other_header: str | None,
                  rules: Rules) -> str | None:
    """What is wrong with an include in the file `path`, or None."""
    if project_header is not None:
        own, target = path.split("/")[0], project_header.split("/")[0]
        if target not in rules.layers or "/" not in project_header:
            return f'"{project_header}" is not a path from the top of the project'
        if rules.layers.index(target) > rules.layers.index(own):
            return f'"{project_header}": {own}/ may not include {target}/, a layer below it'
        return None
    for pattern, places in rules.kept:
        if (pattern.startswith("<") and fnmatch(other_header, pattern)
                and not is_within(path, places)):
            return f"{other_header} belongs to {' '.join(places)}"
    return None


def check_file(path: str, text: str, rules: Rules) -> list[str]:
    """Findings as "path:line: what is wrong"."""
    folder = path.split("/")[0]
    if folder not in rules.layers:
        return [f"{path}:1: {folder}/ has no row in the layer table of docs/ARCHITECTURE.md"]
    words = [(word, places) for word, places in rules.kept
             if not word.startswith("<") and not is_within(path, places)]
    findings = []
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        if include:
            problem = check_include(path, include.group(1), include.group(2), rules)
            if problem:
                findings.append(f"{path}:{number}: {problem}")
            continue
        code = line.split("//")[0]
        for word, places in words:
            if re.search(rf"\b{re.escape(word)}\b", code):
                findings.append(f"{path}:{number}: {word} belongs to {' '.join(places)}")
    return findings


def check(root: Path) -> list[str]:
    rules = read_rules((root / "docs/ARCHITECTURE.md").read_text())
    findings = []
    for path in project_files(root, SOURCES):
        if len(path.parts) > 1:
            findings += check_file(path.as_posix(), (root / path).read_text(), rules)
    return findings


def main() -> int:
    findings = check(Path(__file__).resolve().parent.parent)
    print("\n".join(findings) or "layers: every include goes up the table")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
