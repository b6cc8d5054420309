"""The project's own files: what git tracks or would track; without git, all but build folders."""

import os
import subprocess
from pathlib import Path

IGNORED_FOLDERS = {".git", ".cache", "__pycache__", "build", "testsuite", "wasi-testsuite"}


def project_files(root: Path, suffixes: tuple[str, ...] = ()) -> list[Path]:
    """Sorted paths relative to `root` of the files that end with one of `suffixes`; all if none."""
    try:
        listing = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z",
             "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout
        names = [Path(os.fsdecode(name)) for name in listing.split(b"\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, folders, files in os.walk(root):
            folders[:] = [f for f in folders if f not in IGNORED_FOLDERS]
            names += [Path(folder, f).relative_to(root) for f in files]
    return sorted(n for n in names
                  if (not suffixes or n.name.endswith(suffixes)) and (root / n).is_file())
