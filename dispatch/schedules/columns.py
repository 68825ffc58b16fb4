"""What a table of a database has, for the drop-downs of a form."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.columns import guess
from registry.connections import ask
from registry.errors import RegistryError

# Somebody waits for it.
_SECONDS = 15
# What grows with each change of a row is mostly called so.
_MARKS = ("updat", "modif", "chang", "insert", "creat", "added")
# So many further columns are kept unless somebody says otherwise.
_KEPT = 20
_MOST = 5_000


class Column(NamedTuple):
    """A column as its database tells of it."""

    name: str
    type: str
    # integer, number, text, time or other.
    kind: str


class Known(NamedTuple):
    """What was told; a form keeps it in a field of its own between two presses."""

    tables: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()

    @classmethod
    def of(cls, text: str) -> Self:
        """What a browser gives back; whatever that is, it is only shown."""
        try:
            given = json.loads(text)
            tables = tuple(str(name) for name in given["tables"])[:_MOST]
            columns = tuple(
                Column(*(str(part) for part in column)) for column in given["columns"]
            )
        except (ValueError, TypeError, KeyError, RecursionError):
            return cls()
        return cls(tables, columns[:_MOST])

    def text(self) -> str:
        """The other way round."""
        return json.dumps({"tables": self.tables, "columns": self.columns})


class Loaded(NamedTuple):
    """What a database has answered: its tables, and of one the columns and ten rows."""

    known: Known = Known()
    rows: tuple[tuple[str | None, ...], ...] = ()
    problem: str = ""


def load(connection: str, table: str, select: str, before: Known) -> Loaded:
    """Ask a connection for its tables, and for the columns of what is chosen.

    Where it does not answer, what was known before stays.
    """
    beat = ask.within(_SECONDS)
    try:
        told = list(ask.ask(connection, {"verb": "tables"}, beat=beat))
        tables = tuple(found["name"] for found in told[0]["tables"])
        if not (table or select):
            return Loaded(Known(tables))
        known = Known(tables, before.columns)
        order = {"verb": "columns"}
        order |= {"select": select} if select else {"table": table}
        answer = next(iter(ask.ask(connection, order, beat=beat)))
    except (PulsarError, RegistryError) as error:
        return Loaded(before, problem=str(error))
    columns = tuple(
        Column(one["name"], one["type"], one["kind"]) for one in answer["columns"]
    )
    rows = tuple(tuple(row) for row in answer["rows"])
    return Loaded(known._replace(columns=columns), rows)


def guessed(columns: Iterable[Column], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What each field of the form may mean, where nothing that is there is chosen."""
    columns = tuple(columns)
    names = [column.name for column in columns]
    found = guess(names)
    wanted = {name: found.features.get(name, "") for name in FEATURES}
    wanted |= {"key": _key(columns, found.name), "mark": _mark(columns)}
    wanted |= {"label": found.label}
    taken = {
        name: given if (given := chosen.get(name)) in names else meant
        for name, meant in wanted.items()
    }
    # Empty was chosen too, once there was a choice.
    if chosen.get("key") in names:
        taken |= {name: chosen.get(name) or "" for name in ("mark", "label")}
        kept = [name for name in chosen.get("keep") or () if name in names]
        return taken | {"keep": kept}
    used = set(taken.values())
    others = [c.name for c in columns if c.name not in used and c.kind != "other"]
    return taken | {"keep": others[:_KEPT]}


def _key(columns: tuple[Column, ...], name: str) -> str:
    """A column of numbers called id, or one that is called as candidates are."""
    ids = [c.name for c in columns if c.kind == "integer" and _ends_with_id(c.name)]
    return next(iter(sorted(ids, key=len)), name)


def _ends_with_id(name: str) -> bool:
    return name.casefold().endswith("id")


def _mark(columns: tuple[Column, ...]) -> str:
    times = [column.name for column in columns if column.kind == "time"]
    for mark in _MARKS:
        for name in times:
            if mark in name.casefold():
                return name
    return ""
