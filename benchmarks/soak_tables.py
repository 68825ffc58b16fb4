"""Whether runs from table to table survive whatever happens to them; see soak.py.

    python benchmarks/soak_tables.py [--repeat N] [--json] [--quick] [FAULT ...]

Each fault meets a run of its own, over a table of its own and into another: from
SQLite to MariaDB, from there to SQLite, and so on. The run is brought to its end as a
site does it, by the sweep and by a retry. Then rows come that are new, and the schedule
runs once more: it must read just these. At last every candidate must have its score
once, and each row must be as in a run that nobody disturbed.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from table_faults import CHANGING, FAULTS, NotHit
from tables_ground import (
    NEW,
    ROWS,
    WAYS,
    Answer,
    Case,
    Fork,
    Ground,
    dispatch,
    go_on,
    ground,
    insert,
    outcome,
    prepare,
    run_now,
    warm,
)

Fault = Callable[[Ground, Case], None]


def main() -> None:
    """Disturb, go on, compare, and print a table."""
    import soak as site

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--quick", action="store_true", help="fork children instead of starting them"
    )
    parser.add_argument("faults", nargs="*", metavar="FAULT", choices=[[], *FAULTS])
    options = parser.parse_args()
    with TemporaryDirectory(prefix="soak-") as folder:
        site.make(Path(folder))
        found = soak(
            options.repeat,
            Path(folder),
            (site.fork, site.answer, site.wait),
            names=options.faults or FAULTS,
            quick=options.quick,
        )
    print(json.dumps(found) if options.json else told(found))


def soak(
    repeat: int,
    folder: Path,
    processes: tuple[Fork, Answer, Callable[[int], int]],
    *,
    names: Any = FAULTS,
    quick: bool = False,
) -> dict[str, list[dict[str, Any]]]:
    """Let each fault meet so many runs; what is wrong with each.

    Processes are made by the caller, since this one opens no database.
    """
    if not repeat:
        return {}
    with ground(folder, *processes, quick=quick) as at:
        smooth = {way: _smooth(at, way) for way in WAYS[:repeat]}
        return {
            name: [
                _disturbed(at, name, number, smooth[WAYS[number % len(WAYS)]])
                for number in range(repeat)
            ]
            for name in names
        }


def told(found: dict[str, list[dict[str, Any]]]) -> str:
    """What was found, a line for each fault."""
    lines = [
        f"{'from table to table':19} {'runs':>5} {'lost':>5} {'twice':>6} {'other':>6}"
    ]
    for name, cases in found.items():
        lost, twice = (sum(case[what] for case in cases) for what in ("lost", "twice"))
        wrong = [case["wrong"] for case in cases if case["wrong"]]
        lines.append(f"{name:19} {len(cases):5} {lost:5} {twice:6} {len(wrong):6}")
        lines += [f"  other: {', '.join(what)}" for what in wrong]
    return "\n".join(lines)


def _smooth(at: Ground, way: tuple[str, str]) -> dict[str, Any]:
    """What becomes of a schedule that nobody disturbs."""
    case = prepare(at, f"smooth_{way[0]}", way)
    warm(at, case)
    return _ended(at, case)


def _disturbed(
    at: Ground, name: str, number: int, smooth: dict[str, Any]
) -> dict[str, Any]:
    slug = f"{name.replace('.', '_')}_{number}"
    case = prepare(at, slug, WAYS[number % len(WAYS)])
    missed = []
    try:
        FAULTS[name](at, case)
    except NotHit as error:
        missed = [f"not met: {error}"]
    found = _ended(at, case)
    wanted = smooth
    if name in CHANGING:
        found, wanted = _as_it_is_now(at, case, found)
    keys = Counter(row[0] for row in found["rows"])
    there = {row[0] for row in wanted["rows"]}
    return {
        "lost": len(there - keys.keys()),
        "twice": sum(n > 1 for n in keys.values()),
        "wrong": [*missed, *(what for what in wanted if found[what] != wanted[what])],
    }


def _ended(at: Ground, case: Case) -> dict[str, Any]:
    """Bring it to its end, and have it read what is new; what there is then."""
    at.do(_bring_to_its_end, at, case)
    found: dict[str, Any] = at.ask(outcome, at, case)
    return found


def _bring_to_its_end(at: Ground, case: Case) -> None:
    go_on(case)
    # What was cut off before its run was made is the clock's to start again.
    dispatch(case.slug)
    insert(at, case, ROWS + 1, NEW)
    run_now(case)


def _as_it_is_now(
    at: Ground, case: Case, found: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its rows, and those of a schedule that reads the whole table now."""
    afresh = prepare(at, f"{case.slug}_afresh", (case.source, case.sink), of=case)
    at.work(dispatch, afresh.slug)
    wanted = at.ask(outcome, at, afresh)
    there = {row[0] for row in wanted["rows"]}
    # What has gone since it was read has its score all the same.
    gone = {3, 40, 70, 99} - there
    rows = [row[:-1] for row in found["rows"] if row[0] not in gone]
    return {"rows": rows}, {"rows": [row[:-1] for row in wanted["rows"]]}


if __name__ == "__main__":
    main()
