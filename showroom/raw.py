"""The raw candidate behind a row: its file is found again, and opened when needed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from pulsar_ml.candidate import Candidate, open_candidate, open_member
from pulsar_ml.cases import CASES, Case
from pulsar_ml.errors import BadInput, PulsarError
from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.formats.pfd import Pfd
from pulsar_ml.formats.single import OWN
from pulsar_ml.formats.table import Source
from pulsar_ml.mask import masked
from showroom import parts
from showroom.models import Batch, BatchFile
from showroom.storage.gone import why_gone


class Raw(NamedTuple):
    """A raw candidate that is not opened yet, and the hash that names its pictures."""

    digest: str
    open: Callable[[], Candidate]
    file: BatchFile | None = None


def metadata(batch: Batch, row: Mapping[str, Any]) -> dict[str, str]:
    """What the row's file said besides, under the names it had there."""
    values = (row.get(f"meta_{place}") for place in range(len(batch.columns)))
    named = zip(batch.columns, values, strict=True)
    return {name: value for name, value in named if value}


def besides(said: Mapping[str, str]) -> dict[str, str]:
    """Of a raw candidate's metadata what its own file does not say: lists beside it."""
    return {name: value for name, value in said.items() if name not in OWN}


def of_row(batch: Batch, row: Mapping[str, Any]) -> Raw | None:
    """The raw candidate that the row was made of, if it was."""
    if batch.day:
        case = case_of(row)
        return of_case(case) if case else None
    said = metadata(batch, row)
    if "kind" not in said or "source" not in said:
        return None
    wanted = candidate_hash(row[name] for name in FEATURES)
    return _only(_named(batch, said["source"]), lambda c: _hash(c) == wanted)


def case_of(row: Mapping[str, Any]) -> Case | None:
    """The ready case that a single case was; sealed, only name and values tell it."""
    wanted = candidate_hash(row[name] for name in FEATURES)
    named = (case for case in CASES if case.title == row["name"])
    return next((c for c in named if _hash(c.candidate()) == wanted), None)


def of_case(case: Case) -> Raw:
    """A ready case; what it is made of names its pictures."""
    return Raw(_digest(repr(case)), case.candidate)


def without_interference(raw: Raw) -> Raw:
    """The same with an interference mask, which only a PFD's plots can have."""

    def opened() -> Candidate:
        candidate = raw.open()
        return masked(candidate).candidate if isinstance(candidate, Pfd) else candidate

    return raw._replace(digest=f"{raw.digest}-mask", open=opened)


def of_reject(batch: Batch, reject: Mapping[str, Any]) -> Raw | None:
    """The raw candidate that has no features, but perhaps plots."""
    if reject["line"] is not None:
        return None  # a row of a table
    return _only(_named(batch, reject["file"]), lambda c: not _hash(c))


def _only(found: Iterator[Raw], fits: Callable[[Candidate], bool]) -> Raw | None:
    """Of files with one name the one that fits; without a rival nothing is opened."""
    different = list({raw.digest: raw for raw in found}.values())
    if len(different) < 2:
        return next(iter(different), None)
    return next((raw for raw in different if _opens(raw, fits)), None)


def _opens(raw: Raw, fits: Callable[[Candidate], bool]) -> bool:
    try:
        return fits(raw.open())
    except (PulsarError, OSError):
        return False


def _hash(candidate: Candidate) -> str:
    try:
        return candidate_hash(candidate.features())
    except PulsarError:
        return ""


def _named(batch: Batch, name: str) -> Iterator[Raw]:
    """Every file of this name, and every archive with such a member."""
    ends = [place for place, letter in enumerate(name) if letter == "!"]
    outer = {name[:end] for end in ends} | {name}
    for file in batch.files.filter(name__in=outer).order_by("position"):
        if file.name == name:
            yield _alone(file, batch.files.filter(name=f"{name}.bestprof").first())
        elif name.startswith(f"{file.name}!"):
            member = name[len(file.name) + 1 :]
            source = Source(file.path, file.name, scratch=parts.scratch())
            opens = partial(open_member, source, member)
            yield Raw(_digest(file.sha256, member), _kept(file, opens), file)


def _alone(file: BatchFile, beside: BatchFile | None) -> Raw:
    if beside is None:
        source = Source(file.path, file.name)
        opens = partial(open_candidate, source)
        return Raw(file.sha256, _kept(file, opens), file)
    source = Source(file.path, file.name, beside.path)
    digest = _digest(file.sha256, beside.sha256)
    return Raw(digest, _kept(file, partial(open_candidate, source)), file)


def _kept(file: BatchFile, opens: Callable[[], Candidate]) -> Callable[[], Candidate]:
    """Say what became of a file that retention has removed."""

    def opened() -> Candidate:
        if reason := why_gone(file):
            raise BadInput(reason)
        return opens()

    return opened


def _digest(*parts: str) -> str:
    return hashlib.sha256("!".join(parts).encode()).hexdigest()
