#!/usr/bin/env python3
"""The functions that a header declares, as the preprocessor sees them:
list_names.py OUTPUT.inc HEADER COMPILER... -> a line NAME(function) for each."""

import re
import subprocess
import sys
from pathlib import Path

MARK = "@declared@"


def main() -> None:
    output, header, *compiler = sys.argv[1:]
    text = subprocess.run([*compiler, "-E", "-P", f"-DWASM_API_EXTERN={MARK}", "-x", "c", header],
                          check=True, capture_output=True, text=True).stdout
    declarations = text.split(MARK)[1:]
    names = [re.search(r"(\w+)\s*\(", declaration).group(1) for declaration in declarations]
    Path(output).write_text("".join(f"NAME({name})\n" for name in names))


if __name__ == "__main__":
    main()
