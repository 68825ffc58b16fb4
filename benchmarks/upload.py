"""What an upload costs, from the last byte received to finished scores.

    PULSARSITE_DATA=... python benchmarks/upload.py [--rows N ...] [--repeat N]
    PULSARSITE_DATA=... python benchmarks/upload.py --formats [--rows N]

HTRU2's rows are drawn again with a little noise, beside a name, DM and period, as a
survey has them; 1,000,000 if nothing is said. The first form puts the site's own path
(store, count, read, score, parts, ledger, shortlist) beside bare pipelines, which read
the file, score it with the same model and write Parquet, and check nothing. The second
gives the rows a second of every format, read and scored and written as parts.

Each figure is taken in a process of its own on one thread: wall and processor time of
the work, without the program's start, and the most memory of the whole process. Of the
repeats, taken in turn, the fastest counts: other programs only ever add. What a worker
has loaded before an upload comes, libraries and model, is loaded before.
"""

# each step loads what it needs, and the parent nothing heavy
import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

# A child's peak is at least the memory of the process that it comes from.
from pulsar_ml.features import FEATURES

if TYPE_CHECKING:
    import pandas as pd

MILLION = 1_000_000
CHUNK = 65_536
RAW_FILES = 100


class Taken(NamedTuple):
    """What one run took, and how many rows it scored."""

    wall: float
    processor: float
    peak: int
    rows: int


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[MILLION])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--formats", action="store_true")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        name, source, folder = options.step
        STEPS[name](Path(source), Path(folder))
        return
    with TemporaryDirectory(prefix="upload-") as folder:
        if options.formats:
            formats(Path(folder), options.rows[0], options.repeat)
        else:
            pipelines(Path(folder), options.rows, options.repeat)


def pipelines(folder: Path, sizes: list[int], repeat: int) -> None:
    """The site beside bare pipelines, and how both grow with the number of rows."""
    row("rows", "pipeline", "wall s", "CPU s", "peak MB", "of the fastest bare")
    row(*["---"] * 6)
    ours: dict[int, Taken] = {}
    for rows in sorted(sizes):
        source = folder / f"{rows}.csv"
        run("survey", source, folder, str(rows))
        taken = fastest(["DuckDB", "pandas", "site"], source, folder, repeat)
        source.unlink()
        ours[rows] = taken["site"]
        bare = min(t.processor for name, t in taken.items() if name != "site")
        for name, t in taken.items():
            ratio = f"{t.processor / bare:.2f}"
            times = f"{t.wall:.2f}", f"{t.processor:.2f}"
            row(f"{rows:,}", name, *times, megabytes(t), ratio)
    least, most = min(ours), max(ours)
    if least != most:
        factor = ours[most].processor / ours[least].processor
        print(f"\n{most / least:.0f} times the rows take {factor:.1f} times as long.")


def formats(folder: Path, rows: int, repeat: int) -> None:
    """The rows a second of each format."""
    source = folder / "survey.csv"
    run("survey", source, folder, str(rows))
    run("written", source, folder)
    row("format", "rows", "MB", "rows a second", "peak MB")
    row(*["---"] * 5)
    for path in sorted((folder / "written").iterdir()):
        taken = fastest(["parts"], path, folder, repeat)["parts"]
        size = sum(file.stat().st_size for file in files(path)) / 1e6
        speed = f"{taken.rows / taken.processor:,.0f}"
        row(path.stem, f"{taken.rows:,}", f"{size:.1f}", speed, megabytes(taken))


def files(path: Path) -> list[Path]:
    """A file, or all of a folder."""
    return sorted(path.iterdir()) if path.is_dir() else [path]


def fastest(
    names: list[str], source: Path, folder: Path, repeat: int
) -> dict[str, Taken]:
    """The best of some runs of each, in turn, so that a busy moment meets all alike."""
    runs: dict[str, list[Taken]] = {name: [] for name in names}
    for _ in range(repeat):
        for name in names:
            runs[name].append(Taken(*json.loads(run(name, source, folder))))
    return {name: min(taken, key=lambda t: t.processor) for name, taken in runs.items()}


def run(step: str, source: Path, folder: Path, rows: str = "") -> str:
    """Run a step in a process of its own; the last line it prints is its result."""
    with TemporaryDirectory(dir=folder) as own:
        config = Path(own, "config.yaml")
        config.write_text("storage: {root: storage}\n")
        done = subprocess.run(
            [sys.executable, __file__, "--step", step, source, rows or own],
            check=True,
            stdout=subprocess.PIPE,
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
    return done.stdout.strip().rpartition("\n")[2]


@contextmanager
def measured() -> Iterator[list[int]]:
    """Print what the body took; it leaves behind how many rows it scored."""
    rows: list[int] = []
    wall, processor = time.perf_counter(), time.process_time()
    yield rows
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(Taken(wall, processor, peak, sum(rows))))


def survey(source: Path, rows: Path) -> None:
    """Write a survey of so many rows."""
    import duckdb

    htru2 = Path(os.environ["PULSARSITE_DATA"], "HTRU_2.csv")
    columns = htru2.open().readline().strip().split(",")[: len(FEATURES)]
    noisy = ", ".join(
        f"round({name} * (1 + 1e-3 * (hash(i, {n}) % 2000001 / 1e6 - 1)), 9) as {name}"
        for n, name in enumerate(columns)
    )
    database = duckdb.connect(config={"threads": 1})
    numbered = "select row_number() over () - 1 as place, *"
    database.execute(f"create table htru2 as {numbered} from read_csv('{htru2}')")
    (count,) = database.execute("select count(*) from htru2").fetchone()
    drawn = f"""
        select printf('J%04d%+05d_%d', i % 2400, i % 18000 - 9000, i) as name,
            {noisy},
            round(hash(i, 98) % 100000 / 100, 2) as DM,
            round(hash(i, 99) % 1000000 / 1e5, 8) as period
        from range({rows}) drawn(i) join htru2 on htru2.place = hash(i) % {count}
        order by i
    """  # ours
    database.execute(f"copy ({drawn}) to '{source}' (header)")


def bare_duckdb(source: Path, folder: Path) -> None:
    """Read and write by DuckDB."""
    import duckdb

    def frames() -> Iterator["pd.DataFrame"]:
        rows = duckdb.connect(config={"threads": 1}).execute(f"from '{source}'")
        while not (frame := rows.fetch_df_chunk(CHUNK // 2048)).empty:
            yield frame

    bare(frames, folder)


def bare_pandas(source: Path, folder: Path) -> None:
    """Read by pandas, write by DuckDB."""
    import pandas as pd

    bare(lambda: pd.read_csv(source, chunksize=CHUNK), folder)


def bare(frames: Callable[[], Iterator["pd.DataFrame"]], folder: Path) -> None:
    """Score what is read, and write it; no name, number or size is looked at."""
    import duckdb
    import numpy as np

    from pulsar_ml import artefact
    from pulsar_ml.serving import Graph, shipped

    import_module("pandas")
    graph = Graph((shipped()[-1] / artefact.MODEL).read_bytes())
    with measured() as rows:
        writer = duckdb.connect(config={"threads": 1})
        for number, frame in enumerate(frames()):
            values = frame.iloc[:, 1:9].to_numpy(dtype=np.float32)
            scored = frame.assign(probability=graph.score(values))
            part = folder / f"{number}.parquet"
            writer.from_df(scored).write_parquet(str(part), compression="zstd")
            rows.append(len(frame))


def parts(source: Path, folder: Path) -> None:
    """The science alone: read, scored and written as parts."""
    from pulsar_ml import loader, parquet
    from pulsar_ml.serving import Scorer, shipped

    import_module("pandas")
    scorer = Scorer(shipped()[-1])
    sources = [loader.Source(file, file.name) for file in files(source)]
    with measured() as rows, parquet.writer(folder, temp=folder / "temp") as put:
        for number, chunk in enumerate(loader.read(sources)):
            put(folder / f"{number}.parquet", scorer.classify(chunk.frame))
            rows.append(len(chunk.frame))


def site(source: Path, folder: Path) -> None:
    """The site's path: a file as it was received, to a finished batch."""
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import User
    from registry.ship import register_shipped

    for database in ("default", "events"):
        call_command("migrate", database=database, verbosity=0)
    register_shipped()
    User.objects.create_user("ana")
    few = folder / "few.csv"
    survey(few, Path("1000"))
    received(few)()
    work = received(source)
    with measured() as rows:
        rows.append(work())


def received(file: Path) -> Callable[[], int]:
    """What is done with a file that was received just now; gives the rows scored."""
    from django.core.files.uploadedfile import TemporaryUploadedFile

    from accounts.models import User
    from showroom.classify import classify
    from showroom.receive import store
    from showroom.start import start

    upload = TemporaryUploadedFile(file.name, "", file.stat().st_size, None)
    shutil.copyfile(file, upload.temporary_file_path())

    def work() -> int:
        batch = start([store(upload)], owner=User.objects.get())
        classify(batch)  # as a worker does, if it was too large for the request
        batch.refresh_from_db()
        if batch.state != "success":
            raise SystemExit(f"The batch {batch.state}: {batch.reason}")
        return batch.n_scored

    return work


def written(source: Path, _: Path) -> None:
    """Write the survey in each format that is read, as far as its limit allows."""
    import pandas as pd

    folder = source.parent / "written"
    folder.mkdir()
    as_text(source, folder)
    as_types(pd.read_csv(source, dtype={"DM": str, "period": str}), folder)
    as_raw_candidates(folder)


def as_text(source: Path, folder: Path) -> None:
    content = source.read_text()
    header, _, body = content.partition("\n")
    names = header.split(",")
    attributes = [f"@attribute {name} numeric" for name in names[1:]]
    arff = "\n".join(["@relation s", "@attribute name string", *attributes, "@data"])
    quoted = re.sub(r"[^,\n]+", r'"\g<0>"', content)
    texts = {
        "CSV": content,
        "CSV, all quoted": quoted,
        "CSV, CRLF": content.replace("\n", "\r\n"),
        "CSV, semicolons and decimal commas": content.replace(",", ";").replace(
            ".", ","
        ),
        "TSV": content.replace(",", "\t"),
        "aligned by blanks": content.replace(",", "   "),
        "ARFF": f"{arff}\n{body}",
    }
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    with zipfile.ZipFile(
        folder / "CSV in a zip.zip", "w", zipfile.ZIP_DEFLATED
    ) as pack:
        pack.write(source, "survey.csv")


def as_types(table: "pd.DataFrame", folder: Path) -> None:
    import duckdb
    from astropy.table import Table

    table.to_json(folder / "JSON Lines.jsonl", orient="records", lines=True)
    table[:50_000].to_json(folder / "JSON.json", orient="records")
    duckdb.from_df(table).write_parquet(str(folder / "Parquet.parquet"))
    Table.from_pandas(table).write(folder / "FITS.fits")
    Table.from_pandas(table[:100_000]).write(folder / "VOTable.vot", format="votable")


def as_raw_candidates(folder: Path) -> None:
    from pulsar_ml.cases import CASES

    phcx, pfd = folder / "PHCX", folder / "PFD"
    phcx.mkdir()
    pfd.mkdir()
    for case in CASES:
        raw = case.phcx(), case.simulated().to_pfd()
        for n in range(RAW_FILES // len(CASES)):
            (phcx / f"{case.slug}-{n}.phcx.gz").write_bytes(raw[0])
            (pfd / f"{case.slug}-{n}.pfd").write_bytes(raw[1])


STEPS: dict[str, Callable[[Path, Path], None]] = {
    "survey": survey,
    "written": written,
    "DuckDB": bare_duckdb,
    "pandas": bare_pandas,
    "parts": parts,
    "site": site,
}


def megabytes(taken: Taken) -> str:
    return f"{taken.peak / 1e6:.0f}"


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
