"""The ``classification.csv`` of CandyJar, read: which rows it means, and its words."""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import candyjar, door, listing, sniff, text
from pulsar_ml.formats.candyjar import Head
from registry.models.label import Word
from showroom.verdicts.named import BEAMS, UTCS, Named, when

WORD = "classification"
MOST = 20_000
# Says nothing; what was said before stays.
UNCAT = "UNCAT"
_PATHS = ("png", candyjar.PATH, "name", "candidate", "filename", "file")
# CandyJar's own columns, where a file has no line of names.
_FORMS = {4: ("beamid", "utc", "png", WORD), 3: ("utc", "png", WORD)}
_SHOWN = 80


class Entry(NamedTuple):
    """One line of the file; `fault` says what is wrong with it."""

    line: int
    path: str
    beams: frozenset[str]
    utc: str
    word: str
    fault: str = ""

    @property
    def stem(self) -> str:
        return listing.stem(self.path)

    def fits(self, row: Named) -> bool:
        """Whether beam and time, where both have them, are the row's."""
        same_beam = not (self.beams and row.beams) or bool(self.beams & row.beams)
        return same_beam and (not (self.utc and row.utc) or self.utc == row.utc)

    def nearness(self, row: Named) -> int:
        """In how many folders, counted from the file, both agree."""
        own, other = (listing.folders(one)[::-1] for one in (self.path, row.path))
        pairs = zip(own, other, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def read(path: Path) -> list[Entry]:
    """Every line; a BadInput says why the file as a whole is of no use."""
    with door.words(WORD):
        listing.check_size(path)
        start = text.head(path)
        found = candyjar.line_with(start, WORD) or _without_names(start)
        entries = []
        for entry in _entries(path, found):
            entries.append(entry)
            if len(entries) > MOST:
                raise BadInput(f"has more than {MOST:,} rows; bring it in parts")
    if not entries:
        raise BadInput("holds no rows")
    return entries


def _without_names(start: bytes) -> Head:
    """The form of a file without a line of names, if its last column has words."""
    encoding = text.encoding_of(start)
    for record in text.first_records(start, encoding, ",")[:1]:
        values = sniff.fields(record, ",")
        if len(values) in _FORMS and _word(values[-1]) in {*Word.values, UNCAT}:
            return Head(encoding, ",", _FORMS[len(values)], is_named=False)
    raise BadInput(
        f"has no column {WORD}: expected is beamid,utc,png,{WORD}, or the rows of "
        f"candidates.csv with {WORD} behind"
    )


def _entries(path: Path, found: Head) -> Iterator[Entry]:
    names = tuple(name.casefold() for name in found.names)
    for line, record in candyjar.records(path, found):
        if wrong := candyjar.fault(record, found.delimiter, len(names)):
            yield Entry(line, record[:_SHOWN], frozenset(), "", "", wrong)
        else:
            values = sniff.fields(record, found.delimiter)
            yield _entry(line, dict(zip(names, values, strict=True)))


def _entry(line: int, values: dict[str, str]) -> Entry:
    own = next((values[name] for name in _PATHS if values.get(name, "").strip()), "")
    beams = frozenset(_bare(values.get(name, "")) for name in BEAMS) - {""}
    utc = next((values[name] for name in UTCS if values.get(name)), "")
    word = _word(values[WORD])
    return Entry(line, _bare(own), beams, when(utc), word, _fault(own, word))


def _fault(own: str, word: str) -> str:
    if not own.strip():
        return "names no candidate: its png is empty"
    if word not in {*Word.values, UNCAT}:
        words = ", ".join([*Word.values, UNCAT])
        return f"says {word[:_SHOWN]!r}, which is no verdict: {words}"
    return ""


def _word(said: str) -> str:
    return said.strip().upper() or UNCAT


def _bare(cell: str) -> str:
    """Without the apostrophe that our own files put before what begins a formula."""
    cell = cell.strip()
    return cell[1:] if cell[:2] in {"'=", "'+", "'-", "'@"} else cell
