"""Nothing but the batch, which is kept anyway."""

from typing import Any, Literal

from dispatch.choose import Settings
from dispatch.models import Run
from dispatch.sources.source import Beat, Source


class Scores(Settings):
    """Scores that are looked at and downloaded on the batch's page."""

    kind: Literal["scores"] = "scores"

    def check(self, source: Source | None = None) -> list[str]:
        """Nothing can be wrong with it."""
        del source
        return []

    def look(self, source: Source | None = None) -> list[str]:
        """All of that is known here."""
        return self.check(source)

    def words(self) -> str:
        """What it is, for people."""
        return "scores only, on the batch's page"

    def persist(self, run: Run, beat: Beat) -> dict[str, Any]:
        """Leave everything where it is."""
        del run, beat
        return {}
