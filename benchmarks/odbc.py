"""What a schedule from table to table costs, beside pandas and scikit-learn.

    PULSARSITE_DATA=... python benchmarks/odbc.py [--rows N] [--repeat N]
                                                  [--version N] [--pandas PYTHON]
                                                  [--ways pandas multi]

A MariaDB made from the installed programs holds N made-up candidates (1,000,000 if
nothing is said; HTRU2's rows drawn again with a little noise). In the same run, each in
a process of its own on one thread and in turn, of which the fastest counts:

- pandas: `read_sql` through SQLAlchemy and mysqlclient, scikit-learn's own model with
  the parameters of the version, `to_sql` in 10,000 rows, as it is and by "multi";
- the site: a schedule that reads the table through ODBC, checks and scores each row,
  keeps parts and ledger, and writes a table of results.

PYTHON is an interpreter with pandas, scikit-learn, SQLAlchemy and mysqlclient; without
it, an environment is made by pip, as long as this runs. Wall time is given by step, the
processor's for the process with its children, and for the server. At the end the tables
of results are compared row by row.
"""

import argparse
import json
import os
import pickle
import resource
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from upload import MILLION, row, survey

from pulsar_ml.features import FEATURES

THEIRS = ("pandas>=3.1,<3.2", "scikit-learn>=1.9,<1.10", "sqlalchemy", "mysqlclient")
PASSWORD = "geheim"  # noqa: S105  # of a server that lives as long as this
NAMES = {
    "pandas": "pandas, `to_sql`",
    "multi": 'pandas, `to_sql(method="multi")`',
    "site": "the site",
}
STEPS_TAKEN = ("read", "score", "write")
# scikit-learn computes in float64, the site in float32.
TOLERANCE = 1e-5


class Taken(NamedTuple):
    """What one run took: seconds by step and in all, of processors, and bytes."""

    steps: dict[str, float]
    wall: float
    processor: float
    peak: int


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=MILLION)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--version", type=int, default=2)
    parser.add_argument("--pandas", type=Path)
    parser.add_argument("--ways", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    # All is told beside the site.
    options.ways = [name for name in NAMES if name in {*options.ways, "site"}]
    if options.step:
        name, *values = options.step
        STEPS[name](*values)
        return
    with TemporaryDirectory(prefix="odbc-") as folder, server(Path(folder)) as port:
        python = options.pandas or environment(Path(folder))
        filled(Path(folder), port, options.rows, options.version)
        compare(Path(folder), port, python, options)


def compare(folder: Path, port: int, python: Path, options: argparse.Namespace) -> None:
    """Let each do it, and see that all have come to the same."""
    runs: dict[str, list[tuple[Taken, float]]] = {name: [] for name in options.ways}
    for _ in range(options.repeat):
        for name in options.ways:
            with_ = python if name != "site" else Path(sys.executable)
            before = server_seconds(folder)
            told = run(with_, name, str(port), str(folder), str(options.version))
            used = server_seconds(folder) - before
            runs[name].append((Taken(**json.loads(told)), used))
    head = ("wall s", "CPU s", "server's", "peak MB", "wall ratio", "CPU ratio")
    row("rows", "way", *STEPS_TAKEN, *head)
    row(*["---"] * 11)
    best = {name: min(taken, key=lambda t: t[0].wall) for name, taken in runs.items()}
    ours, our_server = best["site"]
    for name, (taken, used) in best.items():
        row(
            f"{options.rows:,}",
            NAMES[name],
            *(f"{taken.steps[step]:.1f}" for step in STEPS_TAKEN),
            f"{taken.wall:.1f}",
            f"{taken.processor:.1f}",
            f"{used:.1f}",
            f"{taken.peak / 1e6:.0f}",
            f"{taken.wall / ours.wall:.2f}",
            # On a machine that has more to do, the better measure of the two.
            f"{(taken.processor + used) / (ours.processor + our_server):.2f}",
        )
    for name in options.ways[:-1]:
        print(run(Path(sys.executable), "same", name, str(port), str(options.rows)))


def run(python: Path, step: str, *values: str) -> str:
    """Run a step in a process of its own; the last line it prints is its result."""
    done = subprocess.run(
        [python, __file__, "--step", step, *values],
        check=False,
        capture_output=True,
        text=True,
        # One thread in whatever numpy calls, too.
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout.strip().rpartition("\n")[2]


def environment(folder: Path) -> Path:
    """Make an environment for what a site has no use for."""
    venv.create(folder / "theirs", with_pip=True)
    python = folder / "theirs" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *THEIRS], check=True)
    return python


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """Start a MariaDB and give its port."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--step", "serve", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()


def serve(folder: str) -> None:
    """Keep the server until the input ends."""
    from pulsarsite.tests import mariadb

    place = Path(folder, "mariadb")
    place.mkdir()
    started = mariadb.Server(place)
    try:
        started.start()
        started.sql("CREATE DATABASE survey CHARACTER SET utf8mb4")
        Path(folder, "server.pid").write_text(str(started.process.pid))
        print(started.port, flush=True)
        sys.stdin.read()
    finally:
        mariadb.remove(started)


def server_seconds(folder: Path) -> float:
    """What processors have spent on the server."""
    pid = (folder / "server.pid").read_text()
    fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def filled(folder: Path, port: int, rows: int, version: int) -> None:
    """Make the candidates, and the model for scikit-learn."""
    file = folder / "survey.csv"
    survey(file, Path(str(rows)))
    columns = file.open().readline().strip().split(",")
    typed = ", ".join(f"`{name}` DOUBLE NOT NULL" for name in columns[1:])
    listed = ", ".join(f"`{name}`" for name in columns)
    create = (
        "CREATE TABLE candidates (id BIGINT AUTO_INCREMENT PRIMARY KEY, "
        f"name VARCHAR(40) NOT NULL, {typed})"
    )
    load = (
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE candidates "
        f"FIELDS TERMINATED BY ',' IGNORE 1 LINES ({listed})"
    )
    for statement in (create, load, "ANALYZE TABLE candidates"):
        subprocess.run(
            [
                *("mariadb", "--no-defaults", "--local-infile", "--host=127.0.0.1"),
                *(f"--port={port}", "--user=pulsar", f"--password={PASSWORD}"),
                *("survey", f"--execute={statement}"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    (folder / "columns.json").write_text(json.dumps(columns[1 : 1 + len(FEATURES)]))
    run(Path(sys.executable), "fit", str(folder), str(version))


def fit(folder: str, version: str) -> None:
    """Fit the version again, as scikit-learn has it."""
    from pulsar_ml.datasets import files, holdout
    from pulsar_ml.model import Model
    from pulsar_ml.serving import Scorer

    scorer = Scorer(shipped(version))
    model = Model(scorer.card["algorithm"], scorer.card["parameters"])
    model.fit(holdout.trainable(files.load(*files.find(None, None))))
    content = pickle.dumps((model, scorer.threshold))
    Path(folder, "model.pickle").write_bytes(content)


def shipped(version: str) -> Path:
    from pulsar_ml.serving import shipped

    return next(folder for folder in shipped() if folder.name == version)


class Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.steps = dict.fromkeys(STEPS_TAKEN, 0.0)
        self.began = time.perf_counter()

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.steps[step] += time.perf_counter() - began

    def told(self, processor: float) -> None:
        """Print what was taken."""
        whole = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        peak = max(resource.getrusage(who).ru_maxrss for who in whole) * 1024
        wall = time.perf_counter() - self.began
        taken = Taken(self.steps, wall, seconds() - processor, peak)
        print(json.dumps(taken._asdict()))


def seconds() -> float:
    """What processors have spent on this process and its children."""
    return sum(os.times()[:4])


def pandas(port: str, folder: str, version: str, method: str | None = None) -> None:
    """Read, score and write as one does with pandas."""
    import sqlalchemy
    from pandas import DataFrame, Timestamp, read_sql

    model, threshold = pickle.loads(Path(folder, "model.pickle").read_bytes())  # noqa: S301  # ours
    columns = json.loads(Path(folder, "columns.json").read_text())
    there = f"pulsar:{PASSWORD}@127.0.0.1:{port}/survey?charset=utf8mb4"
    engine = sqlalchemy.create_engine(f"mysql+mysqldb://{there}")
    table = f"of_{method or 'pandas'}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        connection.exec_driver_sql(RESULTS.format(table))
    clock, processor = Clock(), seconds()
    with clock.at("read"):
        frame = read_sql("SELECT * FROM candidates", engine)
    with clock.at("score"):
        probability = model.probability(frame[columns].to_numpy())
    with clock.at("write"):
        results = DataFrame(
            {
                "schedule": "nightly",
                "candidate_key": frame["id"],
                "probability": probability,
                "predicted": (probability >= threshold).astype(int),
                "model": "pulsar",
                "version": int(version),
                "run": 1,
                "scored_at": Timestamp.now(),
                "warnings": "",
            }
        )
        results.to_sql(
            table,
            engine,
            if_exists="append",
            index=False,
            chunksize=10_000,
            method=method,
        )
    clock.told(processor)


# As the site makes it.
RESULTS = """CREATE TABLE {} (
    schedule VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    candidate_key BIGINT NOT NULL, probability DOUBLE NOT NULL,
    predicted BIGINT NOT NULL,
    model VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    version BIGINT NOT NULL, run BIGINT NOT NULL, scored_at DATETIME(6) NOT NULL,
    warnings LONGTEXT CHARACTER SET utf8mb4 NOT NULL,
    PRIMARY KEY (schedule, candidate_key)) ENGINE=InnoDB"""


def multi(port: str, folder: str, version: str) -> None:
    pandas(port, folder, version, "multi")


def site(port: str, folder: str, version: str) -> None:
    """The site's schedule from table to table."""
    with TemporaryDirectory(dir=folder) as own:
        config = Path(own, "config.yaml")
        config.write_text(CONFIG.format(port=port, rows=10 * MILLION))
        os.environ |= {
            "CONFIG_FILE": str(config),
            "SURVEY_PASSWORD": PASSWORD,
            "DJANGO_SETTINGS_MODULE": "pulsarsite.settings",
        }
        ready(version)
        columns = json.loads(Path(folder, "columns.json").read_text())
        clock, processor = Clock(), seconds()
        by_schedule(dict(zip(FEATURES, columns, strict=True)), clock)
        clock.told(processor)


CONFIG = """
storage: {{root: storage}}
dispatch: {{max_rows: {rows}}}
connections:
  - name: survey
    driver: MariaDB Unicode
    options: {{SERVER: 127.0.0.1, PORT: "{port}", DATABASE: survey}}
    user: pulsar
    password_env: SURVEY_PASSWORD
    read_only: false
"""


def ready(version: str) -> None:
    """Set the site up, as it is before the clock comes round."""
    import django

    django.setup()
    from django.core.management import call_command

    from registry.models import Alias
    from registry.ship import register_shipped

    for database in ("default", "events"):
        call_command("migrate", database=database, verbosity=0)
    versions = {str(one.number): one for one in register_shipped()}
    Alias.objects.filter(name="champion").update(version=versions[version])


def by_schedule(columns: dict[str, str], clock: Clock) -> None:
    """Run a schedule, its steps measured."""
    from django.core.management import call_command

    from dispatch.models import Schedule
    from dispatch.sinks import Table as Sink
    from dispatch.sources import Table as Source

    for kind, name, step in ((Source, "collect", "read"), (Sink, "persist", "write")):
        setattr(kind, name, timed(getattr(kind, name), clock, step))
    schedule = Schedule.objects.create(
        slug="nightly",
        name="nightly",
        cron="0 4 * * *",
        source={
            "kind": "table",
            "connection": "survey",
            "table": "candidates",
            "key": "id",
            "columns": columns,
            "keep": ["DM", "period"],
        },
        sink={
            "kind": "table",
            "connection": "survey",
            "table": "of_site",
            "make": True,
        },
    )
    began = time.perf_counter()
    call_command("dispatch_run", "nightly", "--now")
    whole = time.perf_counter() - began
    clock.steps["score"] = whole - clock.steps["read"] - clock.steps["write"]
    last = schedule.runs.latest("pk")
    if last.state != "success" or not last.n_scored:
        raise SystemExit(f"The run {last.state}: {last.reason}")


def timed(work: Callable[..., Any], clock: Clock, step: str) -> Callable[..., Any]:
    def measured(*values: Any, **named: Any) -> Any:
        with clock.at(step):
            return work(*values, **named)

    return measured


def same(name: str, port: str, rows: str) -> None:
    """Say how far the results are apart."""
    import pyodbc

    opened = pyodbc.connect(
        f"DRIVER={{MariaDB Unicode}};SERVER=127.0.0.1;PORT={port};DATABASE=survey;"
        f"UID=pulsar;PWD={PASSWORD}"
    )
    count, worst, other = opened.execute(
        "SELECT COUNT(*), MAX(ABS(s.probability - t.probability)), "
        "SUM(s.predicted <> t.predicted) FROM of_site s "
        f"JOIN of_{name} t USING (schedule, candidate_key)"
    ).fetchone()
    if count != int(rows) or worst > TOLERANCE:
        raise SystemExit(f"{name} differs: {count} rows, by up to {worst:.2g}.")
    agree = f"all {count:,} rows agree within {worst:.1g}"
    print(f"{NAMES[name]}: {agree}; {other} verdicts differ.")


STEPS: dict[str, Callable[..., None]] = {
    "serve": serve,
    "fit": fit,
    "pandas": pandas,
    "multi": multi,
    "site": site,
    "same": same,
}

if __name__ == "__main__":
    main()
