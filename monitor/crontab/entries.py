"""The lines of our block: the tick's, one for each job, and what people wrote there."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from monitor.crontab import remark
from monitor.crontab.remark import Remark

_JOB = re.compile(r"# job (\S+)\s*")
# A person may say behind it why; what is no line of cron is a remark of theirs.
_NOTED = re.compile(r"[#\s]*[\d*@].* # job ([-\w]+)\s.*")
_TICK = re.compile(r" crontab run [0-9a-f]{32}\b.*# pulsarsite ")


class Found(NamedTuple):
    """What the crontab says of a job: on, off, edited (and on) or missing."""

    state: str
    line: str = ""
    remark: Remark | None = None


class Entry(NamedTuple):
    """A line of a job, active or not."""

    slug: str
    line: str
    remark: Remark | None

    @property
    def is_on(self) -> bool:
        return not self.line.lstrip().startswith("#")


def lines(text: str) -> list[str]:
    """The lines of a block as cron knows them: other ends of lines are text."""
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n") if text]


def tick(text: str) -> str:
    """The tick's active line, or nothing."""
    return next((line for line in lines(text) if _is_tick(line) and line[0] != "#"), "")


def with_tick(text: str, line: str) -> str:
    """The text that begins with this line of the tick and holds no other."""
    # One of an older version or of another place would be a second clock.
    return _joined([line, *(kept for kept in lines(text) if not _is_tick(kept))])


def _is_tick(line: str) -> bool:
    return _TICK.search(line) is not None


def found(text: str, wanted: Mapping[str, str]) -> dict[str, Found]:
    """What the text says of each wanted job."""
    chosen = _chosen(text)
    return {slug: _state(chosen.get(slug), line) for slug, line in wanted.items()}


def _state(entry: Entry | None, wanted: str) -> Found:
    if entry is None:
        return Found("missing")
    if not entry.is_on:
        return Found("off", entry.line, entry.remark)
    return Found("on" if entry.line == wanted else "edited", entry.line)


def with_jobs(text: str, wanted: Mapping[str, str]) -> str:
    """The text in which each job has its line as wanted, and no other job has one.

    A job that is switched off, by a remark or by hand, stays off.
    """
    chosen = _chosen(text)
    off = {slug: entry.line for slug, entry in chosen.items() if not entry.is_on}
    return _replaced(text, {slug: off.get(slug, wanted[slug]) for slug in wanted})


def with_line(text: str, slug: str, line: str) -> str:
    """The text in which one job has exactly this line."""
    others = {entry.slug: entry.line for entry in _chosen(text).values()}
    return _replaced(text, others | {slug: line})


def _replaced(text: str, wanted: Mapping[str, str]) -> str:
    """Each job's first line exchanged for the wanted one, its others left out."""
    missing = dict(wanted)
    kept = []
    for line in lines(text):
        entry = _entry(line)
        if entry is None:
            kept.append(line)
        elif entry.slug in missing:
            kept.append(missing.pop(entry.slug))
    return _joined([*kept, *missing.values()])


def _chosen(text: str) -> dict[str, Entry]:
    """The line of each job that counts: an active one before any comment."""
    chosen: dict[str, Entry] = {}
    for entry in _entries(text):
        before = chosen.get(entry.slug)
        if before is None or entry.is_on > before.is_on:
            chosen[entry.slug] = entry
    return chosen


def _entries(text: str) -> Iterator[Entry]:
    return filter(None, map(_entry, lines(text)))


def _entry(line: str) -> Entry | None:
    remarked = remark.parse(line)
    if remarked:
        return Entry(remarked[0], line, remarked[1])
    named = _JOB.search(line)
    if named is None:
        return None
    if line[named.end() :]:
        named = _NOTED.fullmatch(line)
    return Entry(named[1], line, None) if named else None


def _joined(kept: list[str]) -> str:
    return "".join(f"{line}\n" for line in kept)
