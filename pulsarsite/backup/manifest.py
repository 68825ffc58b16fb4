"""What a back-up says of itself: from when, by which code, and each file's hash."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Self

from pulsarsite.backup.copy import Copied, looked_at
from pulsarsite.backup.engine import ALIASES
from pulsarsite.backup.errors import Damaged
from pulsarsite.backup.stored import KEPT

NAME = "manifest.json"
# Where in a back-up the storage's own files are.
STORAGE = "storage"
# Raised when an older site could no longer read it.
FORMAT = 1
# So many damaged files are named.
_NAMED = 5


class Held(NamedTuple):
    """One database in a back-up."""

    engine: str
    file: str
    # What was applied to it, as `app.name`.
    migrations: list[str]
    # How many rows each table has.
    rows: dict[str, int]


class Manifest(NamedTuple):
    """The content of manifest.json."""

    made_at: datetime
    # Of the code that made it.
    version: str
    databases: dict[str, Held]
    files: dict[str, Copied]
    # What rows refer to and the site itself had no more, or not as it was.
    missing: list[str]

    @property
    def size(self) -> int:
        """What all files take."""
        return sum(file.size for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Write it, the last of all files."""
        content = self._asdict() | {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "databases": {k: held._asdict() for k, held in self.databases.items()},
            "files": {name: file._asdict() for name, file in self.files.items()},
        }
        path = folder / NAME
        path.touch(mode=0o600)
        path.write_text(json.dumps(content, indent=1, sort_keys=True))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it, and believe no name that leads elsewhere."""
        try:
            content = json.loads((folder / NAME).read_text())
            _refuse_another_format(content)
            found = cls._of(content)
        except OSError as error:
            raise Damaged(
                f"{folder} is no back-up: {NAME} cannot be read ({error.strerror})."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(f"{folder / NAME} is damaged: {error}") from error
        _refuse_strange_names(folder, found)
        return found

    @classmethod
    def _of(cls, content: dict[str, Any]) -> Self:
        held = content["databases"]
        return cls(
            made_at=datetime.fromisoformat(content["made_at"]),
            version=str(content["version"]),
            databases={alias: Held(**held[alias]) for alias in ALIASES},
            files={
                name: Copied(int(one["size"]), str(one["sha256"]))
                for name, one in content["files"].items()
            },
            missing=list(content["missing"]),
        )

    def verify(self, folder: Path, beat: Callable[[], None]) -> None:
        """Read every file, and raise Damaged unless each is what it was."""
        damaged = []
        for name, known in self.files.items():
            why = _what_is_wrong(folder / name, known, beat)
            damaged += [f"{name} {why}"] if why else []
        if damaged:
            more = f", and {len(damaged) - _NAMED} more" if damaged[_NAMED:] else ""
            raise Damaged(f"{folder} is damaged: {'; '.join(damaged[:_NAMED])}{more}.")


def _refuse_strange_names(folder: Path, made: Manifest) -> None:
    for name in made.files:
        if not _is_ours(PurePosixPath(name)):
            raise Damaged(f"{folder / NAME} names what no back-up holds: {name!r}")
    for held in made.databases.values():
        if held.file not in made.files:
            raise Damaged(f"{folder / NAME} lists no {held.file!r}")


def _refuse_another_format(content: dict[str, Any]) -> None:
    if content["format"] != FORMAT:
        raise ValueError(
            f"its format is {content['format']!r}, this site reads {FORMAT}"
        )


def _is_ours(name: PurePosixPath) -> bool:
    if not name.parts or ".." in name.parts or "\0" in str(name):
        return False
    top, *rest = name.parts
    if top == STORAGE:
        return len(rest) > 1 and rest[0] in KEPT
    return len(rest) == (top == "databases") and not name.is_absolute()


def _what_is_wrong(path: Path, known: Copied, beat: Callable[[], None]) -> str:
    try:
        if not path.is_file():
            return "is not there"
        if path.stat().st_size != known.size:
            return "is not as long as it was"
        return "" if looked_at(path, beat) == known else "is not what it was"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
