"""What a schedule over a folder costs, beside the same file uploaded.

    PULSARSITE_DATA=... python benchmarks/dispatch.py [--rows N] [--files N]
                                                      [--repeat N]

A table of N rows (1,000,000 if nothing is said), as benchmarks/upload.py makes and
uploads it, is taken from a folder by `manage.py dispatch_run`: once for its scores
alone, once for a Parquet file too. Wall and processor time are those of the work,
without the program's start, as they are for the upload.

Then the whole command where there is nothing to do, its start included, since cron
starts it each minute: over an empty folder, and over one of N files (100,000 if nothing
is said) whose content was taken in before: the first look, at which a run opens so many
as it may, and one when all of them are known.

Each figure is taken in a process of its own on one thread; of the repeats, taken in
turn, the fastest counts.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from upload import MILLION, Taken, measured, megabytes, row, survey
from upload import site as uploaded

if TYPE_CHECKING:
    from dispatch.models import Schedule

ROOT = Path(__file__).parents[1]
FILES = 100_000
COLUMNS = "prof_mean,prof_std,prof_skew,prof_exkurt,dm_mean,dm_std,dm_skew,dm_exkurt"


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=MILLION)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        name, source, folder = options.step
        STEPS[name](Path(source), Path(folder))
        return
    with TemporaryDirectory(prefix="dispatch-") as folder:
        beside_an_upload(Path(folder), options.rows, options.repeat)
        print()
        with_nothing_to_do(Path(folder), options.files, options.repeat)


def beside_an_upload(folder: Path, rows: int, repeat: int) -> None:
    """The same file by both ways."""
    source = folder / "survey" / "survey.csv"
    source.parent.mkdir()
    run("survey", source, folder, str(rows))
    names = {
        "upload": "uploaded",
        "scores": "from a folder",
        "parquet": "from a folder, with a Parquet file",
    }
    taken = fastest(list(names), source, folder, repeat)
    row("rows", "way", "wall s", "CPU s", "peak MB", "of the upload")
    row(*["---"] * 6)
    for step, name in names.items():
        t = taken[step]
        ratio = f"{t.processor / taken['upload'].processor:.2f}"
        times = f"{t.wall:.2f}", f"{t.processor:.2f}"
        row(f"{t.rows:,}", name, *times, megabytes(t), ratio)


def with_nothing_to_do(folder: Path, files: int, repeat: int) -> None:
    """What each minute costs while nothing arrives."""
    row("`dispatch_run`", "wall s", "CPU s", "peak MB")
    row(*["---"] * 4)
    empty = folder / "empty"
    empty.mkdir()
    taken = fastest(["again"], empty, folder, repeat)["again"]
    row("an empty folder", *figures(taken))
    many = folder / "many"
    run("many", many, folder, str(files))
    # Once: until all are known takes many runs.
    taken = fastest(["first", "again"], many, folder, repeat=1)
    row(f"{files:,} files, the first look", *figures(taken["first"]))
    row(f"{files:,} files, all known", *figures(taken["again"]))


def figures(taken: Taken) -> tuple[str, str, str]:
    return f"{taken.wall:.2f}", f"{taken.processor:.2f}", megabytes(taken)


def fastest(
    names: list[str], source: Path, folder: Path, repeat: int
) -> dict[str, Taken]:
    """The best of some runs of each, in turn, so that a busy moment meets all alike."""
    runs: dict[str, list[Taken]] = {name: [] for name in names}
    for _ in range(repeat):
        for name in names:
            runs[name].append(Taken(*json.loads(run(name, source, folder))))
    return {name: min(taken, key=lambda t: t.processor) for name, taken in runs.items()}


def run(step: str, source: Path, folder: Path, size: str = "") -> str:
    """Run a step in a process of its own; the last line it prints is its result."""
    with TemporaryDirectory(dir=folder) as own:
        config = Path(own, "config.yaml")
        # What is made beforehand lies beside the storage, and is read from there.
        config.write_text(
            f"storage: {{root: storage}}\ndispatch: {{folders: [{folder}]}}\n"
        )
        done = subprocess.run(
            [sys.executable, __file__, "--step", step, source, size or own],
            check=False,
            capture_output=True,
            text=True,
            env=os.environ
            | {
                "CONFIG_FILE": str(config),
                "DJANGO_SETTINGS_MODULE": "pulsarsite.settings",
                # One thread in whatever numpy calls, too.
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.strip().rpartition("\n")[2]


def many(target: Path, files: Path) -> None:
    """Write so many small tables, none like another."""
    target.mkdir()
    for number in range(int(str(files))):
        values = f"{50 + number / 1e4:.4f},47.1,0.2,0.4,3.1,20.2,9.1,110.5"
        (target / f"{number:06}.csv").write_text(f"{COLUMNS}\n{values}\n")


def scores(source: Path, folder: Path) -> None:
    """What `dispatch_run` does with the file, less the program's start."""
    _run_over(source, {"kind": "scores"})


def parquet(source: Path, folder: Path) -> None:
    """The same, and a file is written of it."""
    outbox = folder / "storage" / "outbox"
    outbox.mkdir(parents=True)
    _run_over(source, {"kind": "files", "folder": str(outbox), "format": "parquet"})


def _run_over(source: Path, sink: dict[str, str]) -> None:
    made = _schedule(source.parent, sink)
    # A worker has its model and libraries when an upload comes; so has this.
    few = source.parent.with_name("few") / "few.csv"
    few.parent.mkdir(exist_ok=True)
    survey(few, Path("1000"))
    _told_to(_schedule(few.parent, sink, slug="few"))
    with measured() as rows:
        rows.append(_told_to(made))


def _told_to(schedule: "Schedule") -> int:
    """Run it in here as its command would; gives the rows scored."""
    from django.core.management import call_command

    call_command("dispatch_run", schedule.slug, "--now")
    last = schedule.runs.latest("pk")
    if last.state != "success" or not last.n_scored:
        raise SystemExit(f"The run {last.state}: {last.reason}")
    return last.n_scored


def first(source: Path, folder: Path) -> None:
    """The command over files that it has not looked at yet."""
    _taken_in(_schedule(source))
    print(json.dumps(_command()))


def again(source: Path, folder: Path) -> None:
    """The command over files that it knows, the fastest of three."""
    schedule = _schedule(source)
    _taken_in(schedule)
    _command()
    while schedule.runs.latest("pk").n_waiting:
        _command()
    runs = [_command() for _ in range(3)]
    print(json.dumps(min(runs, key=lambda t: t.processor)))


def _command() -> Taken:
    wall = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "dispatch_run", "folder", "--now"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - wall
    if status:
        raise SystemExit("dispatch_run failed")
    return Taken(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, 0)


def _taken_in(schedule: "Schedule") -> None:
    """Let everything in its folder be taken in by a run before."""
    from dispatch.models import Intake, Run

    before = Run.objects.create(schedule=schedule, state="success", open=None)
    files = Path(schedule.source["folder"]).iterdir()
    hashes = (hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    Intake.objects.bulk_create(
        (Intake(schedule=schedule, run=before, sha256=sha256) for sha256 in hashes),
        batch_size=1000,
    )


def _schedule(
    folder: Path, sink: dict[str, str] | None = None, slug: str = "folder"
) -> "Schedule":
    """A site with one schedule over the folder."""
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import User
    from dispatch.models import Schedule
    from registry.ship import register_shipped

    if slug == "folder":
        for database in ("default", "events"):
            call_command("migrate", database=database, verbosity=0)
        register_shipped()
        User.objects.create_user("ana")
    # Nobody writes to these files any more.
    source = {"kind": "folder", "folder": str(folder), "settle_seconds": 0}
    return Schedule.objects.create(
        slug=slug,
        name=slug,
        cron="* * * * *",
        source=source | {"patterns": ["*.csv"]},
        sink=sink or {"kind": "scores"},
        owner=User.objects.get(),
    )


STEPS: dict[str, Callable[[Path, Path], None]] = {
    "survey": survey,
    "many": many,
    "upload": uploaded,
    "scores": scores,
    "parquet": parquet,
    "first": first,
    "again": again,
}


if __name__ == "__main__":
    main()
