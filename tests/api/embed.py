#!/usr/bin/env python3
"""Text modules as arrays of C: embed.py SWOOP OUTPUT.h MODULE.wat..."""

import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    swoop, output, *texts = sys.argv[1:]
    lines = ["/* Made by embed.py. */"]
    with tempfile.TemporaryDirectory() as folder:
        for text in map(Path, texts):
            wasm = Path(folder) / "module.wasm"
            subprocess.run([swoop, "wat2wasm", str(text), "-o", str(wasm)], check=True)
            numbers = ",".join(str(byte) for byte in wasm.read_bytes())
            lines.append(f"static const unsigned char {text.stem}_wasm[] = {{{numbers}}};")
    Path(output).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
