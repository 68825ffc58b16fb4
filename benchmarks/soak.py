"""Whether runs survive the end of their process at every step.

    python benchmarks/soak.py [--repeat N] [--trainings N] [--tables N] [--json]
                              [--databases YAML]

A site of its own is made in a throw-away folder. For each step at which a run can be
cut off, as by a power cut, a schedule starts over three new tables in a process that
ends there without a word; the sweep finds the dead run, another process goes on with
it, and the clock starts the schedule once more. Then every row must have its score
once, and the scores and the file must be those of a run that nobody disturbed. At last,
ten processes start the same slot at once: one runs, nine are on record as refused.
Then so many trainings whose workers and steps are killed at random moments: each must
end with one version, the figures of one that nobody disturbed, and nothing else left.
And so many runs from table to table for each fault of soak_tables.py.
"""

import argparse
import functools
import hashlib
import io
import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import soak_tables
import soak_trainings

POINTS = (
    "start.slot",
    "start.run",
    "run.claimed",
    "collect.copied",
    "collect.listed",
    "infer.part",
    "infer.done",
    "persist.written",
    "persist.noted",
    "run.closing",
)
CRASHED = 137
DISPATCHERS = 10
_FILES = {"a.csv": 25, "b.csv": 13, "c.csv": 31}
_ROWS = sum(_FILES.values())


def main() -> None:
    """Cut, go on, compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--trainings", type=int, default=5)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--databases", default="{}", help="of the site, as they stand in config.yaml"
    )
    options = parser.parse_args()
    with TemporaryDirectory(prefix="soak-") as folder:
        make(Path(folder), options.databases)
        smooth = _schedule("smooth")
        _process(_dispatch, smooth)
        wanted = answer(_outcome, smooth)
        points = {point: _cut(point, options.repeat, wanted) for point in POINTS}
        at_once = [_at_once(number) for number in range(options.repeat)]
        trainings = soak_trainings.soak(options.trainings, fork, answer)
        processes = (fork, answer, wait)
        tables = soak_tables.soak(options.tables, Path(folder), processes)
    found = {"points": points, "at_once": at_once}
    found |= {"trainings": trainings, "tables": tables}
    print(json.dumps(found) if options.json else "\n".join(_told(found)))


def _told(found: dict[str, Any]) -> Iterator[str]:
    """What was found, in lines."""
    yield f"{'cut off at':16} {'runs':>5} {'lost':>5} {'twice':>6} {'other':>6}"
    for point, cases in found["points"].items():
        lost, twice = (sum(case[what] for case in cases) for what in ("lost", "twice"))
        other = sum(case["wrong"] != [] for case in cases)
        yield f"{point:16} {len(cases):5} {lost:5} {twice:6} {other:6}"
    at_once = found["at_once"]
    right = [case for case in at_once if case == {"success": 1, "skipped": 9}]
    yield f"ten at once: {len(right)} of {len(at_once)} times one ran, nine recorded"
    yield soak_trainings.told(found["trainings"])
    yield soak_tables.told(found["tables"])


def make(folder: Path, databases: str = "{}") -> None:
    """Make a site, and load what its processes need before they are forked."""
    config = folder / "config.yaml"
    config.write_text(
        f"storage: {{root: var}}\ndatabases: {databases}\n"
        "scheduler: {max_attempts: 100}\ntraining: {step_attempts: 10}\n"
    )
    os.environ["CONFIG_FILE"] = str(config)
    os.environ["DJANGO_SETTINGS_MODULE"] = "pulsarsite.settings"
    import django

    django.setup()
    import duckdb  # noqa: F401
    import onnxruntime  # noqa: F401
    import pandas as pd  # noqa: F401

    from dispatch.management.commands import dispatch_run  # noqa: F401
    from pulsar_ml import loader
    from pulsarsite import api, prepare, urls  # noqa: F401
    from registry.ship import register_shipped
    from showroom import classify

    # Several parts of a small table.
    classify.loader.read = functools.partial(loader.read, chunk_rows=30)
    for database in ("default", "events"):
        prepare.apply(database)
    register_shipped()


def _cut(point: str, repeat: int, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Let so many runs be cut off there and go on; what is wrong with each."""
    cases = []
    for number in range(repeat):
        slug = _schedule(f"{point.replace('.', '-')}-{number}")
        ended = _process(_dispatch, slug, crash_at=point)
        cases.append(_compared(answer(_go_on, slug), wanted, ended))
    return cases


def _compared(
    found: dict[str, Any], wanted: dict[str, Any], ended: int
) -> dict[str, Any]:
    numbers = Counter(row for row, _ in found["scores"])
    wrong = [what for what in wanted if found[what] != wanted[what]]
    return {
        "lost": _ROWS - len(numbers),
        "twice": sum(n > 1 for n in numbers.values()),
        "wrong": wrong if ended == CRASHED else [*wrong, f"ended with {ended}"],
    }


def _at_once(number: int) -> dict[str, int]:
    """Start one slot by ten processes; how many runs there are of each state."""
    slug = _schedule(f"at-once-{number}")
    read, write = os.pipe()

    def wait_and_start(slug: str) -> None:
        os.close(write)
        os.read(read, 1)  # ends for all at once, when the pipe is closed
        _dispatch(slug)

    children = [fork(wait_and_start, slug) for _ in range(DISPATCHERS)]
    os.close(read)
    os.close(write)
    codes = [wait(child) for child in children]
    if any(codes):
        sys.exit(f"The dispatchers ended with {codes}.")
    return answer(_states, slug)


def _schedule(slug: str) -> str:
    """Make a schedule that was due last night, over three tables."""
    from django.db import connections
    from django.utils.timezone import now

    from dispatch.models import Schedule
    from dispatch.places import allowed
    from showroom.tests.conftest import as_csv, simulate

    inbox, outbox = (folder / slug for folder in allowed()[:2])
    inbox.mkdir()
    outbox.mkdir()
    for seed, (name, rows) in enumerate(_FILES.items()):
        (inbox / name).write_bytes(as_csv(simulate(rows, seed)))
    at = now()
    source = {"kind": "folder", "folder": str(inbox), "settle_seconds": 0}
    Schedule.objects.create(
        slug=slug,
        name=slug,
        # In an hour that does not begin while this runs.
        cron=f"0 {(at.hour - 1) % 24} * * *",
        source=source,
        sink={"kind": "files", "folder": str(outbox), "format": "csv"},
        ledger_until=at - timedelta(days=1),
        start_within=86_400,
    )
    connections.close_all()
    return slug


def _dispatch(slug: str) -> None:
    from django.core.management import call_command

    call_command("dispatch_run", slug, stdout=io.StringIO())


def _go_on(slug: str) -> dict[str, Any]:
    """What the sweep and a worker do when the lease of the dead has ended; the outcome.

    What was cut off before its run was made is the clock's to start again.
    """
    from django.utils.timezone import now

    from dispatch.models import Run
    from dispatch.runs.execute import execute
    from monitor.sweep import sweep

    for run in sweep(Run, now() + timedelta(hours=1)):
        execute(run)
    _dispatch(slug)
    return _outcome(slug)


def _outcome(slug: str) -> dict[str, Any]:
    """All that there is of a schedule's runs, but for names and times."""
    from dispatch.models import Intake, Run
    from dispatch.places import allowed
    from showroom import rows
    from showroom.models import Batch

    runs = Run.objects.filter(schedule__slug=slug, batch__isnull=False)
    batches = Batch.objects.filter(run__in=Run.objects.filter(schedule__slug=slug))
    scored = []
    for batch in batches:
        with rows.scores(batch) as opened:
            query = "select row, probability from scores order by row"
            scored += opened.execute(query).fetchall()
    files = sorted((allowed()[1] / slug).iterdir())
    return {
        "states": [run.state for run in runs],
        "scores": scored,
        "counts": list(batches.values_list("state", "n_rows", "n_scored", "n_pulsars")),
        "intakes": sorted(
            Intake.objects.filter(run__in=runs).values_list("sha256", flat=True)
        ),
        "files": [_rows_of(file) for file in files],
        "steps": sorted(
            runs.filter(steps__finished_at__isnull=False)
            .exclude(steps__name="loaded")
            .values_list("steps__name", flat=True)
        ),
        "slots": list(runs.values_list("slot__outcome", flat=True)),
        "events": _events(runs, batches),
    }


def _events(runs: Any, batches: Any) -> dict[str, int]:
    """How often it was told that something came to its end."""
    from monitor.models import Outbox

    about = [str(thing) for thing in (*runs, *batches)]
    ends = Outbox.objects.filter(about__in=about).exclude(
        kind__in=("run.resumed", "batch.resumed", "run.loaded")
    )
    return dict(sorted(Counter(ends.values_list("kind", flat=True)).items()))


def _rows_of(file: Path) -> str:
    """A hash of what a file holds below its header."""
    content = file.read_bytes().partition(b"\n")[2]
    return hashlib.sha256(content).hexdigest()


def _states(slug: str) -> dict[str, int]:
    from dispatch.models import Run

    states = Run.objects.filter(schedule__slug=slug).values_list("state", flat=True)
    return dict(Counter(states))


def answer(question: Callable[[str], Any], slug: str) -> Any:
    """Ask in a process too: what this one has open, its children would share."""
    read, write = os.pipe()
    child = fork(lambda: _tell(write, question(slug)))
    os.close(write)
    with os.fdopen(read) as answer:
        found = json.load(answer)
    if wait(child):
        sys.exit("What was asked could not be answered.")
    return found


def _tell(write: int, found: Any) -> None:
    with os.fdopen(write, "w") as answer:
        json.dump(found, answer)


def _process(work: Callable[..., None], *values: str, crash_at: str = "") -> int:
    return wait(fork(work, *values, crash_at=crash_at))


def fork(work: Callable[..., None], *values: str, crash_at: str = "") -> int:
    """A process of its own that has loaded everything already."""
    child = os.fork()
    if child:
        return child
    os.environ["PULSARSITE_CRASH_AT"] = crash_at
    code = 0
    try:
        work(*values)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001  # the door of the process
        traceback.print_exc()
        code = 70
    os._exit(code)


def wait(child: int) -> int:
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
