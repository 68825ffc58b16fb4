"""Write results into a table, part by part, each of them whole or not at all."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pulsar_ml import parquet
from pulsar_ml.databases import crash, faults, insert, result
from pulsar_ml.databases.connect import connect
from pulsar_ml.databases.make import problems, refuse
from pulsar_ml.databases.part import Key, Part
from pulsar_ml.databases.part import read as read_part
from pulsar_ml.databases.target import Target
from pulsar_ml.errors import DatabaseFault

if TYPE_CHECKING:
    from pulsar_ml.databases.connect import Connection

Tell = Callable[[Mapping[str, Any]], None]

# What is waited before a part is tried again.
PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0)
# These may be gone by then. What has no room or is slow would be so again, and is left
# to those who can wait for longer.
_AGAIN = {faults.DEADLOCK, faults.LOCKED, faults.LOST, faults.UNREACHED}
# Keys that one statement names.
_AT_ONCE = 1_000


def write(
    order: Mapping[str, Any], parts: Iterator[Mapping[str, Any]], tell: Tell
) -> None:
    """Write parts as they come; a part that is written again replaces itself.

    Parameters
    ----------
    order : mapping
        With ``target``, ``table``, ``key``, ``schedule``, ``run``, ``model``,
        ``version`` and ``scored_at``; with a ``prefix``, the key of a candidate is
        that and its row, and else its name.
    parts : iterator of mapping
        Each with the paths ``part`` and ``rejects``, or nothing in their place.
    tell : callable
        Is told of each part how many rows were written and deleted, how many were left
        out since their key came again later in the part, and how many candidates keep
        the result of a later run.

    Raises
    ------
    DatabaseFault
        The table or a key will not do, or the database fails again and again; nothing
        is there of the part that was not answered.
    """
    with TemporaryDirectory() as temp, parquet.connection(Path(temp)) as opened:
        read = partial(
            read_part, opened, key=order["key"], prefix=order.get("prefix", "")
        )
        _write(order, map(read, parts), tell)


def _write(order: Mapping[str, Any], parts: Iterator[Part], tell: Tell) -> None:
    target = Target.from_dict(order["target"])
    part = next(parts, None)
    failures = 0
    met = False
    while part is not None:
        try:
            with connect(target) as connection:
                met = True
                put = _table(connection, target, order)
                while part is not None:
                    answer = put(part)
                    failures = 0
                    tell(answer)
                    part = next(parts, None)
        except DatabaseFault as fault:
            if not met or failures == len(PAUSES) or not _may_pass(fault, failures):
                raise
            tell({"doing": f"writing a part again after: {fault}"})
            time.sleep(PAUSES[failures])
            failures += 1


def _may_pass(fault: DatabaseFault, failures: int) -> bool:
    if not isinstance(fault.__cause__, Exception):
        return False
    kind = faults.kind(fault.__cause__)
    # Rows that were not there when it began: somebody before us was still at it, and
    # the second time they are deleted.
    return kind in _AGAIN or (kind is faults.DOUBLE and not failures)


def _table(
    connection: "Connection", target: Target, order: Mapping[str, Any]
) -> Callable[[Part], dict[str, int]]:
    """Give what writes a part into the table, which is seen to be as it must."""
    table, key, schedule = order["table"], order["key"], order["schedule"]
    refuse(problems(connection, target, table, key))
    way = insert.best(connection, table, key)
    at = datetime.fromisoformat(order["scored_at"]).astimezone(UTC)
    common = (
        schedule,
        order["model"],
        order["version"],
        order["run"],
        at.strftime("%Y-%m-%d %H:%M:%S.%f"),
    )

    def put(rows: Part) -> dict[str, int]:
        # In the order of the key, in which the database keeps them.
        keys = sorted(rows.rejected.union(rows.scored))
        with connection.transaction():
            there = _Results(connection, table, schedule, keys)
            later = there.later_than(order["run"])
            deleted = there.delete(later)
            crash.at("write.deleted")
            ordered = [
                (name, *rows.scored[name])
                for name in keys
                if name in rows.scored and name not in later
            ]
            for some in insert.chunks(ordered, way.rows):
                way.put(common, some)
            crash.at("write.inserted")
        crash.at("write.committed")
        return {
            "written": len(ordered),
            "deleted": deleted,
            "repeated": rows.repeated,
            "later": len(later),
        }

    return put


class _Results:
    """What a schedule has in the table of the keys of a part."""

    def __init__(
        self,
        connection: "Connection",
        table: str,
        schedule: str,
        keys: Sequence[Key],
    ) -> None:
        self._connection = connection
        self._from = f"FROM {connection.dialect.table(table)}"
        self._schedule, self._key = map(connection.dialect.name_of, result.KEY)
        self._run = connection.dialect.name_of("run")
        self._values = (schedule,)
        self._keys = keys

    def later_than(self, run: int) -> set[Key]:
        """Find what a later run has said: an earlier one that is retried is no news."""
        if not self._any(f" AND {self._run} > ?", run):
            return set()
        return {
            key
            for some in self._some(self._keys)
            for (key,) in self._execute(
                f"SELECT {self._key}", some, f" AND {self._run} > ?", run
            ).fetchall()
        }

    def delete(self, but: Collection[Key]) -> int:
        """Delete exactly these, and say how many there were."""
        if not self._any():
            return 0
        keys = [key for key in self._keys if key not in but]
        return sum(self._execute("DELETE", some).rowcount for some in self._some(keys))

    def _some(self, keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
        size = min(_AT_ONCE, insert.most_parameters(self._connection) - 2)
        return insert.chunks(keys, size)

    def _execute(
        self, verb: str, keys: Sequence[Key], more: str = "", *values: int
    ) -> Any:
        marks = ", ".join("?" * len(keys))
        where = f"WHERE {self._schedule} = ?{more} AND {self._key} IN ({marks})"
        return self._connection.execute(
            f"{verb} {self._from} {where}", (*self._values, *values, *keys)
        )

    def _any(self, more: str = "", *values: int) -> bool:
        """Whether anything is there at all: in a first run, nothing is.

        What comes between this look and the rows of ours is met by the table's own key.
        """
        if not self._keys:
            return False
        asked: list[Key] = [*self._values, *values]
        # How the database orders texts is its own matter.
        if isinstance(self._keys[0], int):
            more += f" AND {self._key} BETWEEN ? AND ?"
            asked += [self._keys[0], self._keys[-1]]
        rest = f"{self._from} WHERE {self._schedule} = ?{more}"
        one = self._connection.dialect.limited("1", rest, 1)
        return bool(self._connection.execute(one, asked).fetchall())
