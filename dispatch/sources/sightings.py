"""What a schedule knows of the files in its folder, so that it reads each once."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from dispatch.models import Run, Sighting
from dispatch.sources.look import Found, Look
from dispatch.sources.source import Beat

_AT_ONCE = 1_000


class _Seen(NamedTuple):
    pk: int
    size: int
    changed_ns: int
    sha256: str


class Sightings:
    """All of them, read at once."""

    def __init__(self, run: Run, at: datetime) -> None:
        self.schedule = run.schedule_id
        self.at = at
        rows = Sighting.objects.filter(schedule=self.schedule).values_list(
            "path_sha256", "pk", "size", "changed_ns", "sha256"
        )
        self._seen = {row[0]: _Seen(*row[1:]) for row in rows.iterator()}
        # Of what is known nobody asks, and times are slow to read.
        waiting = Sighting.objects.filter(schedule=self.schedule, sha256="")
        self._since = dict(waiting.values_list("path_sha256", "since"))
        # What this very run took in is not known to it, if it lost its batch.
        self._own = set(run.intakes.values_list("sha256", flat=True))

    def knows(self, found: Found) -> bool:
        """Whether the content was taken in by an earlier run, as far as one can see."""
        seen = self._same(found)
        return bool(seen and seen.sha256 and seen.sha256 not in self._own)

    def since(self, found: Found) -> datetime:
        """Since when it has looked as it does."""
        return self._since.get(found.key, self.at) if self._same(found) else self.at

    def keep(self, there: Look, hashes: Mapping[str, str], beat: Beat) -> None:
        """Remember what is there now, and by name what of it was read whole."""
        new, old = [], []
        for file in there.files.values():
            seen, sha256 = self._seen.get(file.key), hashes.get(file.name, "")
            same = self._same(file)
            sha256 = sha256 or (same.sha256 if same else "")
            if same and same.sha256 == sha256:
                continue
            new.append(self._row(file, sha256))
            old += [seen.pk] if seen else []
        if there.is_complete:
            keys = {file.key for file in there.files.values()}
            old += [seen.pk for key, seen in self._seen.items() if key not in keys]
        self._replace(old, new, beat)

    def _same(self, found: Found) -> _Seen | None:
        seen = self._seen.get(found.key)
        looks = (found.size, found.changed_ns)
        return seen if seen and (seen.size, seen.changed_ns) == looks else None

    def _row(self, file: Found, sha256: str) -> Sighting:
        return Sighting(
            schedule_id=self.schedule,
            path_sha256=file.key,
            size=file.size,
            changed_ns=file.changed_ns,
            since=self.since(file),
            sha256=sha256,
        )

    @staticmethod
    def _replace(old: list[int], new: list[Sighting], beat: Beat) -> None:
        """Those that are taken away come before those that stand in their place."""
        for first in range(0, len(old), _AT_ONCE):
            beat()
            some = old[first : first + _AT_ONCE]
            Sighting.objects.filter(pk__in=some).delete()
        for first in range(0, len(new), _AT_ONCE):
            beat()
            # A run that has lost its lease may be writing the same.
            Sighting.objects.bulk_create(
                new[first : first + _AT_ONCE], ignore_conflicts=True
            )
