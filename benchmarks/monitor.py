"""What watching costs: the Monitor's pages, every check, and the tick of each minute.

    python benchmarks/monitor.py [--events N] [--jobs N] [--hosts N] [--days N]
                                 [--alerts N] [--requests N] [--storage FOLDER]

Fills a throw-away site: 1,000,000 events, 200 schedules with their lines in the
crontab, each with a month of starts and changes of state, 90 days of figures as they
are thinned, 10,000 alerts that are over. 50 hosts stand in its configuration,
each a socket of this program: a third listens, a third refuses, and a third is a black
hole whose backlog is full, so that a look lasts as long as one may. Then it asks the
site's own views, in this process, for each page; looks at everything, and does each
other part of a tick; and runs `manage.py tick` as the clock does. Wall and processor
time, that of children included. With --storage the site is kept there, and found again.
"""

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

ROOT = Path(__file__).parents[1]
FILL = Path(__file__).with_name("watched_site.py")
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from django.test import Client

TOKEN = "of-this-benchmark"  # noqa: S105  # opens nothing


class Taken(NamedTuple):
    """Seconds of one thing, and of its processor."""

    wall: float
    processor: float


def main() -> None:
    """Fill, measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--ticks", type=int, default=3)
    parser.add_argument("--storage", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="monitor-") as folder, ExitStack() as sockets:
        storage = (options.storage or Path(folder)).resolve()
        storage.mkdir(parents=True, exist_ok=True)
        configure(
            storage, [sockets.enter_context(host(n)) for n in range(options.hosts)]
        )
        # In a process of its own, as its memory is none of a page's.
        sizes = options.events, options.jobs, options.days, options.alerts
        subprocess.run([sys.executable, FILL, *map(str, sizes)], check=True)
        measure(options.requests, options.ticks)


def configure(storage: Path, ports: list[int]) -> None:
    """A site of its own, with these to look at."""
    hosts = [
        {"name": f"host-{n:02d}", "address": "127.0.0.1", "port": port}
        for n, port in enumerate(ports)
    ]
    monitor = {"hosts": hosts, "metrics_token": "MONITOR_TOKEN"}
    file = storage / "config.yaml"
    file.write_text(json.dumps({"storage": {"root": str(storage)}, "monitor": monitor}))
    os.environ["CONFIG_FILE"] = str(file)
    os.environ["MONITOR_TOKEN"] = TOKEN
    os.environ["DJANGO_SETTINGS_MODULE"] = "pulsarsite.settings"


@contextmanager
def host(number: int) -> Iterator[int]:
    """The port of one that listens, one that refuses, or a black hole."""
    kind = ("listens", "refuses", "black hole")[number % 3]
    with ExitStack() as opened:
        # Who refuses is bound too, so that nobody else listens there.
        bound = opened.enter_context(socket.socket())
        bound.bind(("127.0.0.1", 0))
        if kind != "refuses":
            bound.listen(4096 if kind == "listens" else 0)
        if kind == "black hole":
            fill_backlog(bound, opened)
        yield bound.getsockname()[1]


def fill_backlog(hole: socket.socket, opened: ExitStack) -> None:
    """Connect until the kernel answers no further."""
    while True:
        knocking = opened.enter_context(socket.socket())
        knocking.settimeout(0.2)
        try:
            knocking.connect(hole.getsockname())
        except TimeoutError:
            return


def measure(requests: int, ticks: int) -> None:
    """Ask for every page, and do what a tick does; print what each took."""
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User

    tell_sizes()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="benchmark"))
    row("page", "p50 ms", "p95 ms", "p95 CPU ms")
    row(*["---"] * 4)
    for name, address in pages().items():
        # The first one loads what all others have.
        _, *seen = [timed(ask, client, address) for _ in range(requests + 1)]
        walls, processors = zip(*seen, strict=True)
        row(name, ms(statistics.median(walls)), ms(p95(walls)), ms(p95(processors)))
    row("\neach minute", "wall s", "CPU s", "of a core")
    row(*["---"] * 4)
    for name, work in parts().items():
        taken = [timed(work) for _ in range(ticks)]
        wall = statistics.median(one.wall for one in taken)
        processor = statistics.median(one.processor for one in taken)
        row(name, f"{wall:.2f}", f"{processor:.2f}", f"{processor / 60:.1%}")
    tell_checks()


def pages() -> dict[str, str]:
    """The address of each kind of page."""
    from django.urls import reverse

    from monitor.models import Alert

    alert = Alert.objects.latest("pk")
    return {
        "overview": reverse("monitor:index"),
        "a host": reverse("monitor:check", args=["host-host-00"]),
        "jobs": reverse("monitor:jobs"),
        "a job": reverse("monitor:job", args=["dispatch-survey-0"]),
        "figures": reverse("monitor:figures"),
        "alerts": reverse("monitor:alerts"),
        "an alert": alert.get_absolute_url(),
        "crontab": reverse("monitor:crontab"),
        "night report": reverse("monitor:report"),
        "events": reverse("monitor:events"),
        "events of a kind": f"{reverse('monitor:events')}?kind=batch.scored",
        "/metrics": reverse("metrics"),
        "/readyz": "/readyz",
    }


def ask(client: "Client", address: str) -> None:
    answer = client.get(address, headers={"Authorization": f"Bearer {TOKEN}"})
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}")


def parts() -> dict[str, Callable[[], object]]:
    """A tick as the clock starts it, what its start alone takes, and what is in it."""
    from django.utils.timezone import now

    from monitor import tick
    from monitor.alerts import watch
    from monitor.checks import jobs, look
    from monitor.figures import thin
    from monitor.models import Check
    from monitor.telling import deliver

    others = Check.objects.exclude(kind__in=("host", "job"))
    return {
        "`manage.py tick`, all of it": lambda: manage("tick"),
        "- the start of a process": lambda: manage("version"),
        "- crontab against switches": lambda: tick.notice(now()),
        "- pump and sweeps": tick.beat,
        "- look at everything": look.look,
        "- look, but at no host": lambda: look.look(
            list(others.values_list("slug", flat=True))
        ),
        "- judge the jobs": lambda: jobs.judge(now()),
        "- rules and alerts": lambda: watch.watch(now()),
        "- messages": lambda: deliver.deliver(now()),
        "- thin the figures": lambda: thin.thin(now()),
    }


def manage(command: str) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([sys.executable, ROOT / "manage.py", command], check=True, **quiet)


def tell_sizes() -> None:
    """How much there is of what the pages read."""
    from monitor import models

    kept = (
        models.Event,
        models.Job,
        models.Start,
        models.Check,
        models.Flip,
        models.Sample,
        models.Mean,
        models.Alert,
        models.Delivery,
    )
    counts = (f"{one.objects.count():,} {one.__name__} rows" for one in kept)
    print(", ".join(counts), end="\n\n")


def tell_checks() -> None:
    """How long each kind of check took at most, and of what it may take."""
    from django.conf import settings
    from django.db.models import Count, Max

    from monitor.models import Check

    within = settings.PULSAR.monitor.deadline_seconds + 0.5
    row("\nchecks", "how many", "longest s", f"of {within} s")
    row(*["---"] * 4)
    seen = Check.objects.filter(took__isnull=False).values("kind")
    for kind in seen.annotate(n=Count("pk"), took=Max("took")).order_by("-took"):
        share = f"{kind['took'] / within:.0%}"
        row(kind["kind"], str(kind["n"]), f"{kind['took']:.2f}", share)


def timed(work: Callable[..., object], *arguments: Any) -> Taken:
    """Do it once."""
    began, before = time.perf_counter(), processor_time()
    work(*arguments)
    return Taken(time.perf_counter() - began, processor_time() - before)


def processor_time() -> float:
    """Of this process and of its children that have ended."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def p95(values: Iterable[float]) -> float:
    """What 95 of 100 stay within."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def ms(seconds: float) -> str:
    return f"{1e3 * seconds:.0f}"


def row(*cells: str) -> None:
    first, *others = cells
    lead = "\n" if first.startswith("\n") else ""
    print(lead + "| " + " | ".join([first.lstrip(), *others]) + " |", flush=True)


if __name__ == "__main__":
    main()
