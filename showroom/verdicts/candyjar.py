"""A batch's rows as CandyJar reads them, with what somebody said of them."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from accounts.models import User
from pulsar_ml import safe_csv, said
from pulsar_ml.angles import declination, right_ascension
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.candyjar import MARK
from pulsar_ml.formats.single import OWN
from showroom import rows
from showroom.models import Batch, Verdict
from showroom.verdicts.classification import UNCAT, WORD
from showroom.verdicts.named import BEAMS, UTCS, columns, path
from showroom.verdicts.named import said as bare

_BLOCK = 2_000
_RESERVED = frozenset(
    [*FEATURES, "row", "name", "probability", "predicted", "warnings", "model_version"]
)
_MJD_0 = datetime(1858, 11, 17, tzinfo=UTC)
# Where a batch has no columns of CandyJar.
_KNOWN = (
    "beam_id",
    "source_name",
    "ra",
    "dec",
    "mjd_start",
    "utc_start",
    "f0_opt",
    "f1_opt",
    "dm_opt",
    "sn_fold",
    "tobs",
)

Row = dict[str, Any]


class Wanted(NamedTuple):
    """Whose words, and whether of the rows without any too."""

    words: Mapping[int, str]
    everything: bool


def wanted(batch: Batch, *, person: User | None, to: User, everything: bool) -> Wanted:
    """What somebody says of a batch, as far as it is shown to whoever asks."""
    found = Verdict.objects.current().shown_to(to).of_batch(batch)
    words = found.filter(person=person or to).values_list("candidate__row", "word")
    return Wanted(dict(words), everything)


def classification(batch: Batch, asked: Wanted, form: str) -> Iterator[str]:
    """The lines of classification.csv: CandyJar's four columns, three, or all."""
    if form == "full":
        names, lines = _candidates(batch, asked)
        yield _lines([[*names, WORD]])
        for number, cells in lines:
            yield _lines([[*cells, asked.words.get(number, UNCAT)]])
        return
    known = columns(batch)
    heads = ["utc", "png", WORD] if form == "old" else ["beamid", "utc", "png", WORD]
    yield _lines([heads])
    for row in _rows(batch, asked, [f"{path(known)} as path", *known.values()]):
        beam = _first(row, known, BEAMS)
        utc, png = _first(row, known, UTCS), row["path"]
        cells = [beam, utc, png, asked.words.get(row["row"], UNCAT)]
        yield _lines([cells[len(cells) - len(heads) :]])


def candidates(batch: Batch, asked: Wanted) -> Iterator[str]:
    """The lines of candidates.csv, as it came or made of what is known."""
    names, lines = _candidates(batch, asked)
    yield _lines([names])
    for _, cells in lines:
        yield _lines([cells])


def _candidates(
    batch: Batch, asked: Wanted
) -> tuple[list[str], Iterator[tuple[int, list[object]]]]:
    if MARK in columns(batch):
        return _as_it_came(batch, asked)
    return _made(batch, asked)


def _as_it_came(
    batch: Batch, asked: Wanted
) -> tuple[list[str], Iterator[tuple[int, list[object]]]]:
    """The columns of the file, in their order, as they were written there."""
    of_raw = {"kind", "source"} <= set(batch.columns)
    # What a raw file says itself stood in no candidates.csv.
    others = OWN if of_raw else frozenset()
    keys = dict(zip(batch.columns, rows.metadata_columns(batch), strict=True))
    kept = {name: key for name, key in keys.items() if name not in others}
    names = [_own_name(name, others) for name in kept]
    # Without them the file could not be read again; as numbers, in our order.
    features = [] if of_raw else [*FEATURES]
    places = [*kept.values(), *features]

    def lines() -> Iterator[tuple[int, list[object]]]:
        for row in _rows(batch, asked, places):
            yield row["row"], [row[key] for key in places]

    return [*names, *features], lines()


def _own_name(name: str, others: frozenset[str]) -> str:
    """What the column was called before one of ours had the name."""
    base, _, number = name.rpartition("_")
    is_ours = base.casefold() in _RESERVED | others | {"kind", "source", "other_kind"}
    return base if number == "2" and is_ours else name


def _made(
    batch: Batch, asked: Wanted
) -> tuple[list[str], Iterator[tuple[int, list[object]]]]:
    """CandyJar's columns, of what the columns of the batch say."""
    version = batch.version
    score = f"pics_{version.model.name}_{version.number}"
    keys = dict(zip(batch.columns, rows.metadata_columns(batch), strict=True))

    def lines() -> Iterator[tuple[int, list[object]]]:
        for row in _rows(batch, asked, ["name", "probability", *keys.values()]):
            told = {name: row[key] or "" for name, key in keys.items()}
            known = _known(told)
            cells = [known.get(name, "") for name in _KNOWN]
            # As a double, 0.1 in single precision would be 0.10000000149.
            yield row["row"], [*cells, row["score"], row["name"]]

    return [*_KNOWN, score, "png_path"], lines()


def _known(told: Mapping[str, str]) -> dict[str, object]:
    small = {name.strip().casefold(): value for name, value in told.items()}
    of = said.header(told)
    period, mjd = of.period_s, of.mjd
    known = {
        "beam_id": next((small[n] for n in (*BEAMS, "beam") if small.get(n)), ""),
        "source_name": small.get("source_name", ""),
        "ra": None if of.ra_deg is None else right_ascension(of.ra_deg),
        "dec": None if of.dec_deg is None else declination(of.dec_deg),
        "mjd_start": mjd,
        "utc_start": _utc(mjd) or next((small[n] for n in UTCS if small.get(n)), ""),
        "f0_opt": 1 / period if period else None,
        "f1_opt": -of.pdot / period**2 if period and of.pdot is not None else None,
        "dm_opt": of.dm,
        "sn_fold": of.snr,
        "tobs": of.tobs_s,
    }
    return {name: value for name, value in known.items() if value is not None}


def _utc(mjd: float | None) -> str:
    if mjd is None or not 0 <= mjd < 10**6:
        return ""
    return f"{_MJD_0 + timedelta(seconds=round(mjd * 86_400)):%Y-%m-%dT%H:%M:%S}"


def _first(row: Row, known: Mapping[str, str], names: Sequence[str]) -> str:
    values = (bare(row[known[name]]) for name in names if name in known)
    return next((value for value in values if value), "")


def _rows(batch: Batch, asked: Wanted, listed: Sequence[str]) -> Iterator[Row]:
    """The wanted rows in their order, with these columns."""
    places = ", ".join(dict.fromkeys(["row", *listed, "probability::varchar as score"]))
    only, values = "", []
    if not asked.everything:
        only, values = "where row in (select unnest(?))", [list(asked.words)]
    query = f"select {places} from scores {only} order by row"  # noqa: S608
    with rows.scores(batch) as connection:
        cursor = connection.execute(query, values)
        names = [column[0] for column in cursor.description or ()]
        while block := cursor.fetchmany(_BLOCK):
            yield from (dict(zip(names, cells, strict=True)) for cells in block)


def _lines(records: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    safe_csv.write(text, records)
    return text.getvalue()
