"""What DVC writes of a folder: a `.dvc` file, and the listing that its hash is of."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple


class Described(NamedTuple):
    """A folder of files: their MD5 by name, and its own as DVC reckons it."""

    hashes: dict[str, str]
    size: int

    @property
    def listing(self) -> bytes:
        """The bytes that DVC keeps of the folder; other blanks were another hash."""
        found = [
            {"md5": digest, "relpath": name}
            for name, digest in sorted(self.hashes.items())
        ]
        return json.dumps(found).encode()

    @property
    def md5(self) -> str:
        """The hash of the listing, marked as that of a folder."""
        digest = hashlib.md5(self.listing, usedforsecurity=False).hexdigest()
        return f"{digest}.dir"

    def text(self, number: int) -> str:
        """The whole `.dvc` file; quoted, or YAML would read the name as a number."""
        return (
            f"outs:\n- md5: {self.md5}\n  size: {self.size}\n"
            f"  nfiles: {len(self.hashes)}\n  hash: md5\n  path: '{number}'\n"
        )


def describe(folder: Path) -> Described:
    """Read all files of a folder that has no others below it."""
    paths = sorted(folder.iterdir())
    return Described(
        {path.name: md5(path) for path in paths},
        sum(path.stat().st_size for path in paths),
    )


def md5(path: Path) -> str:
    """The hash by which DVC knows a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, _md5).hexdigest()


def _md5() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)
