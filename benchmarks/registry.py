"""What the registry takes: its pages at 10,000 versions, and datasets in the making.

    python benchmarks/registry.py [--pages] [--builds] [--requests N] [--only WORD]
                                  [--versions N] [--runs N] [--datasets N] [--rows N]
                                  [--labels N] [--sentinels N] [--storage FOLDER]

For its pages, fills a throw-away site: 10,000 versions and as many trainings in 50
experiments, 300 datasets of which one has 1,000,000 rows, 100,000 labels, 500
sentinels. Then it asks the site's own views, in this process, for each page: wall and
processor time, and queries. Of a page that keeps in memory what it read, each request
asks for another, unless the page says so. With --storage the site is kept there, and
found again.

For its builds, another site: 100,000 labels and tables of 100,000 and 1,000,000 rows
are imported, either dataset is frozen with the labels, each by the command that people
give, in a process of its own. Without --pages and --builds it does both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
FILL = Path(__file__).with_name("registered_site.py")
# In place of this folder, in which this very file is called as a package is.
sys.path[0] = str(ROOT)

if TYPE_CHECKING:
    from django.test import Client

TOKEN = "of-this-benchmark"  # noqa: S105  # opens nothing
SIZES = {
    "versions": 10_000,
    "runs": 10_000,
    "datasets": 300,
    "rows": 1_000_000,
    "labels": 100_000,
    "sentinels": 500,
}
# Tables that are imported and frozen.
TABLES = (100_000, 1_000_000)
LABELS = 100_000

# The address of each time that a page is asked for.
Asked = Callable[[int], str]


class Taken(NamedTuple):
    """Seconds of one request or command, of its processor, and what else it used."""

    wall: float
    processor: float
    queries: int = 0
    memory: int = 0


def main() -> None:
    """Fill, measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--builds", action="store_true")
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--only", default="", help="pages with this in their name")
    for name, size in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--storage", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="registry-") as folder:
        if options.builds or not options.pages:
            build(Path(folder) / "builds")
        if options.pages or not options.builds:
            storage = (options.storage or Path(folder) / "pages").resolve()
            configure(storage)
            # In a process of its own, as its memory is none of a page's.
            sizes = [str(getattr(options, name)) for name in SIZES]
            subprocess.run([sys.executable, FILL, *sizes], check=True)
            measure(options.requests, options.only)


def configure(storage: Path) -> None:
    """A site of its own."""
    storage.mkdir(parents=True, exist_ok=True)
    monitor = {"metrics_token": "MONITOR_TOKEN"}
    file = storage / "config.yaml"
    file.write_text(json.dumps({"storage": {"root": str(storage)}, "monitor": monitor}))
    os.environ["CONFIG_FILE"] = str(file)
    os.environ["MONITOR_TOKEN"] = TOKEN
    os.environ["DJANGO_SETTINGS_MODULE"] = "pulsarsite.settings"


def measure(requests: int, only: str) -> None:
    """Ask for every page; print what each took."""
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User

    tell_sizes()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="benchmark"))
    row("page", "p50 ms", "p95 ms", "p50 CPU ms", "p95 CPU ms", "queries", "KB")
    row(*["---"] * 7)
    for name, address in pages().items():
        if only not in name:
            continue
        numbers = count()
        # The first one loads what all others have.
        ask(client, address(next(numbers)))
        seen = [ask(client, address(next(numbers))) for _ in range(requests)]
        walls, processors, queries, sizes = zip(*seen, strict=True)
        row(
            name,
            ms(statistics.median(walls)),
            ms(p95(walls)),
            ms(statistics.median(processors)),
            ms(p95(processors)),
            str(max(queries)),
            f"{max(sizes) / 1024:.0f}",
        )


def pages() -> dict[str, Asked]:
    """Each kind of page, and where it is the next time."""
    return {**_versions(), **_runs(), **_datasets(), **_labels(), **_others()}


def _versions() -> dict[str, Asked]:
    from django.urls import reverse

    from registry.models import Version

    last = Version.objects.newest_first()[0]
    model, number = last.model.name, last.number

    def of(name: str) -> Asked:
        return lambda n: reverse(f"registry:{name}", args=[model, number - n])

    return {
        "versions": at("registry:versions"),
        "versions, the last page": at("registry:versions", page=10**6),
        "a card": of("version"),
        "a card, again": lambda _: reverse("registry:version", args=[model, number]),
        "card.json": of("version-json"),
        "card.md": of("version-md"),
        "its curves": lambda n: reverse(
            "registry:version-curves", args=[model, number - n, "light"]
        ),
    }


def _runs() -> dict[str, Asked]:
    from django.urls import reverse

    from registry.models import Experiment, TrainingRun

    last = TrainingRun.objects.latest("pk")
    six = [last.pk - k for k in range(1, 7)]
    experiment = Experiment.objects.latest("pk").pk
    figure = "holdout.recall"
    x, y = "holdout.roc_auc", "holdout.average_precision"
    return {
        "trainings": at("registry:runs"),
        "trainings, the last page": at("registry:runs", page=10**6),
        "trainings by a figure": at("registry:runs", sort=f"-{figure}"),
        "trainings by dataset": at("registry:runs", sort="dataset"),
        "trainings of an experiment": at("registry:runs", experiment=experiment),
        "trainings from a figure on": at(
            "registry:runs", figure=figure, least=0.9, sort=f"-{figure}"
        ),
        "trainings with a tag": at("registry:runs", tag="night-7"),
        "trainings with words": at("registry:runs", notes="nowhere to be found"),
        "compare six": at("registry:runs-compare", run=six),
        "chart of a parameter": at("registry:runs-chart"),
        "chart of two figures": at("registry:runs-chart", x=x, y=y, by="experiment"),
        "a training": lambda n: reverse("registry:run", args=[last.pk - 1 - n]),
        "a training at work": lambda _: reverse("registry:run", args=[last.pk]),
        "train a model": at("registry:run-new"),
        "experiments": at("registry:experiments"),
    }


def _datasets() -> dict[str, Asked]:
    from registry.models import Dataset

    large = Dataset.objects.get(number=1).get_absolute_url()
    plane = f"{large}?{urlencode({'x': 'period', 'y': 'dm'})}"
    return {
        "datasets": at("registry:datasets"),
        "datasets with words": at("registry:datasets", words="year 2"),
        "the large dataset": lambda _: large,
        "its plane of two numbers": lambda _: plane,
        "import": at("registry:dataset-import"),
        "freeze with labels": at("registry:dataset-freeze", parent=1, survey="GBNCC"),
    }


def _labels() -> dict[str, Asked]:
    from registry.models import Label

    person = Label.objects.latest("pk").person_id
    middle = Label.objects.order_by("at")[Label.objects.count() // 2]
    place = f"{middle.at.isoformat()},{middle.pk}"
    known = {"verdict": "KNOWN_PSR", "drawn": "queue", "since": "2020-01-01"}
    return {
        "labels": at("registry:labels"),
        "labels, in the middle": at("registry:labels", before=place),
        "labels of a survey": at("registry:labels", survey="GBNCC"),
        "labels of a person": at("registry:labels", person=person),
        "labels by all at once": at(
            "registry:labels",
            survey="GBNCC",
            person=person,
            **known,
        ),
        "withdrawn labels": at("registry:labels", gone="on"),
    }


def _others() -> dict[str, Asked]:
    return {
        "sentinels": at("registry:sentinels"),
        "sentinels, a search": at("registry:sentinels-add", dataset=1, text="J00"),
        "the site's first page": at("home"),
        "/metrics": at("metrics"),
        "night report": at("monitor:report"),
    }


def at(name: str, **question: object) -> Asked:
    """The same address each time."""
    from django.urls import reverse

    address = f"{reverse(name)}?{urlencode(question, doseq=True)}"
    return lambda _: address


def ask(client: "Client", address: str) -> Taken:
    """One request, with its queries and the size of its answer."""
    from django.db import connection

    queries = 0

    def counted(execute: Callable[..., object], *given: object) -> object:
        nonlocal queries
        queries += 1
        return execute(*given)

    began, before = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counted):
        answer = client.get(address, headers={"Authorization": f"Bearer {TOKEN}"})
    took = time.perf_counter() - began, time.process_time() - before
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}")
    return Taken(*took, queries, len(answer.getvalue()))


def build(storage: Path) -> None:
    """Import and freeze; print what each took."""
    configure(storage)
    run("prepare")
    tables = {n: storage / f"{n}.csv" for n in (*TABLES, LABELS + 1)}
    for n, path in tables.items():
        # Also in a process of its own.
        subprocess.run([sys.executable, FILL, "table", str(n), path], check=True)
    run("createsuperuser", "--noinput", "--username", "benchmark", "--email", "")
    row("build", "wall s", "CPU s", "peak GiB")
    row(*["---"] * 4)
    labels = ["--survey", "GBNCC", "--person", "benchmark"]
    tell(
        f"bring {LABELS:,} labels in",
        run("registry_labels", "--file", tables[LABELS + 1], *labels),
    )
    for n in TABLES:
        taken = run("registry_import", "--file", tables[n])
        tell(f"import {n:,} rows", taken)
    for number, n in enumerate(TABLES, 1):
        taken = run("registry_freeze", "--parent", number, "--all-labels")
        tell(f"freeze {n:,} rows and the labels", taken)


def run(command: str, *options: object) -> Taken:
    """A command of the site, of which nothing is shown."""
    words = [sys.executable, str(ROOT / "manage.py"), command, *map(str, options)]
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    process.returncode = 0
    wall, processor = time.perf_counter() - began, used.ru_utime + used.ru_stime
    return Taken(wall, processor, memory=used.ru_maxrss * 1024)


def tell(name: str, taken: Taken) -> None:
    memory = f"{taken.memory / 2**30:.2f}"
    row(name, f"{taken.wall:.1f}", f"{taken.processor:.1f}", memory)


def tell_sizes() -> None:
    """How much there is of what the pages read."""
    from registry import models

    kept = (
        models.Version,
        models.TrainingRun,
        models.TrainingStep,
        models.Experiment,
        models.Dataset,
        models.Label,
        models.Sentinel,
    )
    counts = (f"{one.objects.count():,} {one.__name__} rows" for one in kept)
    print(", ".join(counts), end="\n\n")


def p95(values: Iterable[float]) -> float:
    """What 95 of 100 stay within."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def ms(seconds: float) -> str:
    return f"{1e3 * seconds:.0f}"


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
