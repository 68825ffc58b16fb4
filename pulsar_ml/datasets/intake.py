"""Bring in a labelled table of any format: the good rows, and the others as rejects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsar_ml import verdicts
from pulsar_ml.datasets import observed, pointings
from pulsar_ml.datasets.labelled import Labelled, labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.table import LABEL
from pulsar_ml.loader import Reject, Source, read

if TYPE_CHECKING:
    import pandas as pd

# Rows of very many columns would not fit into memory together.
MOST_COLUMNS = 50
_MOST_NOTES = 50
_LACKING = "has no label"


@dataclass
class _Taken:
    """What was read so far."""

    rows: list[Any] = field(default_factory=list)
    features: list[Any] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    names: list[Any] = field(default_factory=list)
    columns: observed.Gathered = field(default_factory=observed.Gathered)
    # What each column of the files is called here.
    called: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def take_in(
    sources: Sequence[Source],
    *,
    name: str,
    beside: Source | None = None,
    refuse: Callable[[list[Reject]], None],
    seen: Callable[[int], None],
) -> Labelled:
    """Read labelled candidates, whatever the format of their files.

    Parameters
    ----------
    sources : sequence of Source
        Tables with the eight features and a column of labels, see `pulsar_ml.verdicts`.
    name : str
        What the whole is called.
    beside : Source, optional
        Names, pointings, beams of the rows; see `pointings.read`.
    refuse : callable
        Takes what cannot be used, a chunk at a time.
    seen : callable
        Is told how many bytes are read.

    Returns
    -------
    Labelled
        The usable rows in their order, the hold-out marked by the rule alone.

    Raises
    ------
    BadInput
        If no row can be used, or `beside` is no table of observations.
    """
    # First: in vain nobody waits for millions of rows.
    extra = pointings.read(beside) if beside else None
    taken, first = _Taken(), ""
    for chunk in read([source._replace(labelled=True) for source in sources]):
        frame, unlabelled = _labelled(chunk.frame)
        rejects = sorted([*chunk.rejects, *unlabelled])
        refuse(rejects)
        first = first or "".join(_why(reject) for reject in rejects[:1])
        if len(frame):
            _take(taken, frame)
        taken.notes += chunk.notes
        seen(chunk.bytes_read)
    if not taken.rows:
        raise BadInput(f"No row of {name} can be used. {first}")
    return _table(taken, extra, name)


def _why(reject: Reject) -> str:
    where = f", line {reject.line}" if reject.line else ""
    column = f": {reject.column}" if reject.column else ""
    return f"{reject.file}{where}{column} {reject.reason}."


def _labelled(frame: "pd.DataFrame") -> tuple["pd.DataFrame", list[Reject]]:
    """Part off what no table of labels can be: raw candidates have none."""
    if LABEL in frame and frame[LABEL].notna().all():
        return frame, []
    lacks = frame[LABEL].isna() if LABEL in frame else frame["row"].notna()
    rejects = [
        Reject(row, name, None, "", "", _LACKING)
        for row, name in frame.loc[lacks, ["row", "name"]].itertuples(index=False)
    ]
    return frame[~lacks], rejects


def _take(taken: _Taken, frame: "pd.DataFrame") -> None:
    said = frame[LABEL].tolist()
    taken.rows.append(frame["row"].to_numpy())
    taken.features.append(frame[list(FEATURES)].to_numpy(dtype=np.float64))
    taken.labels.append(np.array(list(map(verdicts.teaches, said)), dtype=np.int8))
    taken.names.append(_short(frame["name"]))
    columns = {
        _called(taken, column): observed.column(frame[column])
        for column in frame.columns
        if column not in {"row", "name", LABEL, *FEATURES}
    }
    spoken = list(map(verdicts.spoken, said))
    if any(spoken):
        columns |= {verdicts.NAME: np.array(spoken, dtype=object)}
    kept = {name: values for name, values in columns.items() if name}
    taken.columns.add(len(frame), kept)


def _called(taken: _Taken, column: str) -> str:
    """Name a file's column as it is here; not where there are too many."""
    key = column.casefold()
    if key not in taken.called:
        ours = _clean(column, taken)
        # Without its pointings a table loses two of the three splits.
        is_much = len(taken.called) >= MOST_COLUMNS and ours not in pointings.POINTINGS
        if is_much and "" not in taken.called.values():
            taken.notes.append(
                f"Of the further columns the first {MOST_COLUMNS} are kept; the first "
                f"that is left out is {column}."
            )
        taken.called[key] = "" if is_much else ours
    return taken.called[key]


def _clean(column: str, taken: _Taken) -> str:
    plain = column.strip().casefold()
    if plain in pointings.POINTINGS and plain not in taken.called.values():
        return plain
    return observed.clean(column, (*taken.called.values(), verdicts.NAME))


def _short(texts: "pd.Series[Any]") -> Any:
    cut = texts.fillna("").str.strip().str.slice(stop=observed.LONGEST)
    return cut.to_numpy(dtype=object).astype(np.str_)


def _table(taken: _Taken, extra: "pd.DataFrame | None", name: str) -> Labelled:
    names = np.concatenate(taken.names)
    columns = taken.columns.whole()
    times = _of_table(columns)
    if extra is not None:
        names, times = _beside(taken, extra, names, columns, times)
    features = np.concatenate(taken.features)
    labels = np.concatenate(taken.labels)
    notes = tuple(dict.fromkeys(taken.notes))[:_MOST_NOTES]
    return labelled(
        features,
        labels,
        name=name,
        notes=notes,
        pointings=times,
        names=names,
        observed=columns,
    )


def _of_table(columns: dict[str, Any]) -> Any:
    """Take the pointings out, if the table itself has them."""
    for column in pointings.POINTINGS:
        if column in columns and columns[column].dtype.kind == "O":
            found = columns.pop(column).astype(np.str_)
            break
    else:
        found = None
    # Numbers of that name are none, and the name is taken.
    if (numbers := columns.pop("pointing", None)) is not None:
        columns[observed.clean("pointing", columns)] = numbers
    return found


def _beside(
    taken: _Taken,
    extra: "pd.DataFrame",
    names: Any,
    columns: dict[str, Any],
    times: Any,
) -> tuple[Any, Any]:
    """Names and pointings as the table beside has them; its other columns are added."""
    rows = np.concatenate(taken.rows)
    known = np.isin(rows, extra.index.to_numpy())
    if lacking := int((~known).sum()):
        taken.notes.append(f"For {lacking:,} rows nothing was observed.")
    found = extra.reindex(rows).fillna("")
    for column in found.columns:
        texts = found[column]
        if column in pointings.POINTINGS:
            times = _over(_short(texts), times)
        elif column in pointings.NAMES:
            names = _over(_short(texts), names)
        else:
            columns[observed.clean(column, columns)] = observed.column(texts)
    return names, times


def _over(texts: Any, before: Any) -> Any:
    return texts if before is None else np.where(texts == "", before, texts)
