"""What the columns of a table are: features, name, class or metadata."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.table import LABEL, MAX_METADATA
from pulsar_ml.verdicts import NAME as VERDICT

_PARTS = {
    "prof": ("prof", "profile", "ip", "integratedprofile"),
    "dm": ("dm", "dmcurve", "dmsnr", "dmsnrcurve"),
}
_MOMENTS = {
    "mean": ("mean",),
    "std": ("std", "stdev", "stddev", "standarddeviation"),
    "skew": ("skew", "skewness"),
    "exkurt": ("exkurt", "kurt", "kurtosis", "excesskurtosis"),
}
# HTRU2's published names stand at each other's columns; ours and PulsarFeatureLab's
# ("Profile_skewness", "DM_kurtosis") are right.
_DOUBTFUL_PARTS = ("ip", "integratedprofile", "dmsnrcurve")

_NAMES = ("name", "candidate", "candidatename", "filename", "file", "candidateid", "id")
_KEPT = "is kept beside the results; it plays no part in them."
# CandyJar's column of labels: of what is to be scored it may mean anything.
_CANDYJAR = "classification"
_CLASSES = ("class", "targetclass", "target", "label", "trueclass", "ispulsar")

# What the results hold besides; a column of the file gets another name.
_RESERVED = {
    "row",
    "name",
    *FEATURES,
    "probability",
    "predicted",
    "warnings",
    "model_version",
    # The Showroom finds raw candidates by these; no table may point at any.
    "kind",
    "source",
    "other_kind",
}


class Layout(NamedTuple):
    """Which column is what.

    Attributes
    ----------
    width : int
        The number of columns.
    features : tuple of 8 int
        Places of the features, in the order of `FEATURES`.
    names : tuple of str
        The columns' names in the file.
    metadata : dict
        Place and clean name of each column that is kept as text.
    name_place : tuple of int
        Place of the candidates' names, if they have any.
    doubtful : tuple of str
        The parts, "prof" or "dm", whose skewness and kurtosis may be swapped.
    notes : tuple of str
        What the user should know.
    """

    width: int
    features: tuple[int, ...]
    names: tuple[str, ...]
    metadata: dict[int, str]
    name_place: tuple[int, ...] = ()
    doubtful: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _aliases() -> dict[str, tuple[str, bool]]:
    known: dict[str, tuple[str, bool]] = {}
    for part, part_names in _PARTS.items():
        for moment, moment_names in _MOMENTS.items():
            for p in part_names:
                for m in moment_names:
                    value = (f"{part}_{moment}", p in _DOUBTFUL_PARTS)
                    known |= {f"{p}{m}": value, f"{m}{p}": value}
                    known[f"{m}ofthe{p}"] = value
    return known


_ALIASES = _aliases()


def _plain(name: str) -> str:
    """Strip a column's name of case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", name).lower()


def recognised(names: Sequence[str]) -> int:
    """Count the features that have a column.

    Parameters
    ----------
    names : sequence of str
        Of the columns.

    Returns
    -------
    int
        Of the eight.
    """
    return len({_ALIASES[_plain(n)][0] for n in names if _plain(n) in _ALIASES})


class Guess(NamedTuple):
    """What columns are by their names, as far as these tell.

    Attributes
    ----------
    features : dict
        The column of each feature that has one.
    name, label : str
        The columns of the candidates' names and of their labels, or nothing.
    """

    features: dict[str, str]
    name: str
    label: str


def guess(names: Sequence[str]) -> Guess:
    """Tell what columns are, where somebody can still say otherwise.

    Parameters
    ----------
    names : sequence of str
        Of the columns.

    Returns
    -------
    Guess
        Of two columns for the same, the first.
    """
    features: dict[str, str] = {}
    for name in names:
        if feature := _named(name)[0]:
            features.setdefault(feature, name)
    label = _first(names, (*_CLASSES, VERDICT, _CANDYJAR))
    called = _first(names, _NAMES)
    return Guess(
        features,
        "" if called is None else names[called],
        "" if label is None else names[label],
    )


def by_header(names: Sequence[str]) -> Layout:
    """Tell the columns by their names.

    Parameters
    ----------
    names : sequence of str
        As the file has them; case, blanks and punctuation play no part.

    Returns
    -------
    Layout
        Its metadata are the first `MAX_METADATA` columns of the others.

    Raises
    ------
    BadInput
        A feature has no column, or two.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        feature = _ALIASES.get(_plain(name), ("",))[0]
        if feature in places:
            raise BadInput(
                f"has two columns for {feature}: {_shown([names[places[feature]]])} "
                f"and {_shown([name])}; rename or remove one"
            )
        if feature:
            places[feature] = place
    if missing := [feature for feature in FEATURES if feature not in places]:
        raise BadInput(
            f"lacks the columns {', '.join(missing)}; found were {_shown(names)}"
        )
    name_place = _first(names, _NAMES)
    others = [
        p for p in range(len(names)) if p != name_place and p not in places.values()
    ]
    metadata, notes = kept({p: names[p] for p in others})
    label = _first([names[p] for p in others], _CLASSES)
    if label is not None:
        notes.append(f"The column {names[others[label]].strip()} {_KEPT}")
    return Layout(
        width=len(names),
        features=tuple(places[feature] for feature in FEATURES),
        names=tuple(name.strip() for name in names),
        metadata=metadata,
        name_place=() if name_place is None else (name_place,),
        doubtful=_doubtful(names),
        notes=tuple(notes),
    )


def labelled(layout: Layout) -> tuple[int, Layout]:
    """Find the column of labels, and name it as all tables have it.

    Parameters
    ----------
    layout : Layout
        The columns of a table.

    Returns
    -------
    int
        Place of the labels.
    Layout
        The same, its metadata with the labels under `LABEL`.

    Raises
    ------
    BadInput
        There are no labels.
    """
    names = [layout.names[place] for place in layout.metadata]
    found = _first(names, (*_CLASSES, VERDICT, _CANDYJAR))
    if found is None:
        raise BadInput(
            "has no column of labels: class, label or verdict; found were "
            f"{_shown(layout.names)}"
        )
    label = list(layout.metadata)[found]
    others = {p: name for p, name in layout.metadata.items() if p != label}
    return label, layout._replace(
        # In front: no other column displaces it where there are very many.
        metadata={label: LABEL} | others
    )


def is_of_label(note: str) -> bool:
    """Say whether a note is on what becomes of a column of labels.

    Parameters
    ----------
    note : str
        Of a layout.

    Returns
    -------
    bool
        True for what is said where the labels play no part.
    """
    return note.endswith(_KEPT)


def by_position(rows: Sequence[Sequence[str]]) -> Layout:
    """Tell the columns of a table without a header by their number.

    Understood are the eight features in our order, then perhaps a class (0, 1 or ?),
    then perhaps PulsarFeatureLab's ``%path``.

    Parameters
    ----------
    rows : sequence of sequence of str
        Some of the table; the commonest length is taken for its width.

    Returns
    -------
    Layout
        With a note that says how the columns were taken.

    Raises
    ------
    BadInput
        There are more or fewer columns.
    """
    widths = [len(row) for row in rows]
    width = max(widths, key=widths.count)
    whole = [row for row in rows if len(row) == width]
    path = width > 8 and all(row[-1].lstrip().startswith("%") for row in whole)
    left = width - path
    labelled = left == 9 and all(row[8].strip() in {"0", "1", "?"} for row in whole)
    if left != 8 + labelled:
        raise BadInput(
            f"has {width} columns and no header; without a header the columns must be "
            "the eight features, or these and a class of only 0 and 1"
        )
    names = [*FEATURES, *["class"] * labelled, *["name"] * path]
    return Layout(
        width=width,
        features=tuple(range(8)),
        names=tuple(names),
        metadata={8: "class"} if labelled else {},
        name_place=(width - 1,) if path else (),
        notes=("There is no header: the columns were taken in our order.",),
    )


def _first(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    known = [_plain(name) for name in names]
    return next((known.index(name) for name in wanted if name in known), None)


def _doubtful(names: Sequence[str]) -> tuple[str, ...]:
    doubted = {feature for n in names for feature, d in [_named(n)] if d}
    return tuple(
        part for part in _PARTS if {f"{part}_skew", f"{part}_exkurt"} <= doubted
    )


def _named(name: str) -> tuple[str, bool]:
    return _ALIASES.get(_plain(name), ("", False))


def kept(
    columns: dict[int, str], besides: Iterable[str] = ()
) -> tuple[dict[int, str], list[str]]:
    """Name the columns that are kept as text, none twice whatever its case.

    Parameters
    ----------
    columns : dict
        Place and name of each, as the file has them.
    besides : iterable of str
        What other columns are called already.

    Returns
    -------
    dict
        Place and name, without control characters, of the first `MAX_METADATA`.
    list of str
        What the user should know.
    """
    taken, clean, notes = {*_RESERVED, *besides}, {}, []
    for place, name in list(columns.items())[:MAX_METADATA]:
        base = " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", name).split())[:100]
        base = base or f"column {place + 1}"
        ours, number = base, 1
        while ours.casefold() in taken:
            number += 1
            ours = f"{base}_{number}"
        taken.add(ours.casefold())
        clean[place] = ours
        if number > 1:
            notes.append(f"The column {base} is shown as {ours}.")
    if len(columns) > MAX_METADATA:
        notes.append(
            f"Of {len(columns)} further columns the first {MAX_METADATA} are kept."
        )
    return clean, notes


def _shown(names: Sequence[str]) -> str:
    some = ", ".join(name.strip()[:40] or "(no name)" for name in names[:20])
    return some if len(names) <= 20 else f"{some} and {len(names) - 20} more"
