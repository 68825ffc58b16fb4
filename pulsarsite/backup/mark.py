"""What tells that a restore was begun: until it ends, nothing else may use the site."""

import json
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

from pulsar_ml.place import placed, sync

NAME = "restoring.json"


class Mark(NamedTuple):
    """How far it is; what it is about to do is written down before."""

    root: Path
    # Where what was there before goes; it is gone from its place once `is_clear`.
    aside: str
    is_clear: bool = False

    @classmethod
    def find(cls, root: Path) -> Self | None:
        """That of a restore which was begun here and did not end."""
        try:
            return cls(root, **json.loads((root / NAME).read_text()))
        except FileNotFoundError:
            return None

    @classmethod
    def begin(cls, root: Path, at: datetime) -> Self:
        """One that is begun now."""
        mark = cls(root, f"replaced-{at:%Y%m%dT%H%M%SZ}")
        mark.write()
        return mark

    @property
    def folder(self) -> Path:
        """Where what was there before goes."""
        return self.root / self.aside

    def write(self) -> None:
        with placed(self.root / NAME) as draft:
            draft.write_text(
                json.dumps({"aside": self.aside, "is_clear": self.is_clear})
            )

    def clear(self) -> Self:
        """From here on all that stands in its place is of the restore."""
        mark = self._replace(is_clear=True)
        mark.write()
        return mark

    def end(self) -> None:
        (self.root / NAME).unlink()
        sync(self.root)
