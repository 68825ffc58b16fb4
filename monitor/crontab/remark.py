"""The comment that a paused job has in place of its line: who, when, until, why."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import NamedTuple, Self

LONGEST_NAME = 64
LONGEST_REASON = 300
_MINUTE = "%Y-%m-%d %H:%MZ"
_AT = r"\d{4}-\d\d-\d\d \d\d:\d\dZ"
# From its beginning only: what a person wrote stands at the end, and may look like
# anything. A name holds no colon, so the first time in the line is the real one.
_LINE = re.compile(
    rf"# job (?P<slug>[^\s:]+): Paused by (?P<who>[^:]*?) ?(?P<at>{_AT})"
    rf"(?: until (?P<until>{_AT}))?: ?(?P<reason>.*)"
)


class Remark(NamedTuple):
    """Who switched a job off, when, until when, and why."""

    who: str
    at: datetime
    until: datetime | None = None
    reason: str = ""

    def cleaned(self) -> Self:
        """As a line can hold it: one line of plain characters, to the minute."""
        return self._replace(
            who=plain(self.who.replace(":", "."), LONGEST_NAME),
            at=_to_the_minute(self.at),
            until=_to_the_minute(self.until) if self.until else None,
            reason=plain(self.reason, LONGEST_REASON),
        )

    def line(self, slug: str) -> str:
        """The comment for the crontab; it starts nothing, whatever it says."""
        who, at, until, reason = self.cleaned()
        end = f" until {until:{_MINUTE}}" if until else ""
        return f"# job {slug}: Paused by {who} {at:{_MINUTE}}{end}: {reason}".rstrip()


def parse(line: str) -> tuple[str, Remark] | None:
    """The job and the remark of such a line; None for every other line."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    try:
        at = _read(found["at"])
        until = _read(found["until"]) if found["until"] else None
    except ValueError:  # a 31st of February, by somebody's hand
        return None
    return found["slug"], Remark(found["who"], at, until, found["reason"])


def _read(text: str) -> datetime:
    return datetime.strptime(text, _MINUTE).replace(tzinfo=UTC)


def _to_the_minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def plain(text: str, longest: int) -> str:
    """One line without what is invisible, turns the writing round or is no text."""
    # C: control and format characters, lone surrogates; Z: spaces and line ends.
    shown = (" " if unicodedata.category(c)[0] in "CZ" else c for c in text[:10_000])
    plain = " ".join("".join(shown).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1].rstrip()}…"
