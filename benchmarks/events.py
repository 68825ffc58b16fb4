"""What the page of the event log takes when the log is long.

    python benchmarks/events.py [--events N] [--requests N] [--storage FOLDER]
                                [--only NAME]

Makes a log of N events (1,000,000 if nothing is said) in a throw-away storage: kinds,
things and people as a busy site has them, over a year. Then it asks the site's own
view, in this process, for each kind of page; each request asks for something else.
Wall and processor time in milliseconds, and how often the whole of an empty page (the
one that filters for what never happened) fits into it. The download is read up to its
first bytes, and no further. With --storage the log is kept there, and found again.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

AT_ONCE = 20_000
PEOPLE = 40
YEAR = timedelta(days=365)
PAGE, CSV = "/monitor/events/", "/monitor/events.csv"
# Of a hundred events so many are of a kind; the others share the rest.
SHARES = {"run.started": 20, "run.succeeded": 20, "batch.scored": 15, "batch.shown": 9}

# An address, for each time it is asked.
Asked = Callable[[int], str]


def main() -> None:
    """Fill, measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--storage", type=Path)
    parser.add_argument("--only", default="", help="kinds with this in their name")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="events-") as folder:
        storage = (options.storage or Path(folder)).resolve()
        storage.mkdir(parents=True, exist_ok=True)
        configure(storage)
        end = fill(options.events)
        measure(end, options.events, options.requests, options.only)


def configure(storage: Path) -> None:
    """A site of its own."""
    file = storage / "config.yaml"
    file.write_text(json.dumps({"storage": {"root": str(storage)}}))
    os.environ["CONFIG_FILE"] = str(file)
    os.environ["DJANGO_SETTINGS_MODULE"] = "pulsarsite.settings"


def fill(n: int) -> datetime:
    """Make the log, unless it is there; when it ends."""
    import django

    django.setup()
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.utils.timezone import now

    from accounts.models import User
    from monitor.models import Event

    call_command("prepare", verbosity=0)
    for number in range(PEOPLE):
        User.objects.get_or_create(username=f"person-{number}")
    operator = User.objects.get(username="person-0")
    operator.groups.set(Group.objects.filter(name="operator"))
    there = Event.objects.order_by("-at").first()
    if there and Event.objects.count() >= n:
        return there.at
    end = now().replace(microsecond=0)
    chance = random.Random(0)  # noqa: S311  # the same log each time
    numbers = list(User.objects.values_list("pk", flat=True))
    started = time.perf_counter()
    for first in range(0, n, AT_ONCE):
        places = range(first, min(first + AT_ONCE, n))
        Event.objects.bulk_create(
            [event(chance, place, end - YEAR * (1 - place / n), numbers)
             for place in places]
        )  # fmt: skip
    took = time.perf_counter() - started
    print(f"{n:,} events written in {took:.0f} s.\n", flush=True)
    return end


def event(chance: random.Random, place: int, at: datetime, people: list[int]) -> Any:
    """One line as a site writes it: about a batch or a run, by a person or none."""
    from monitor.events import KINDS
    from monitor.models import Event

    kinds = [*SHARES, *sorted(set(KINDS) - set(SHARES))]
    rest = (100 - sum(SHARES.values())) / (len(kinds) - len(SHARES))
    kind = chance.choices(kinds, [SHARES.get(kind, rest) for kind in kinds])[0]
    thing = kind.partition(".")[0]
    return Event(
        at=at,
        kind=kind,
        about=f"{thing} {place // 5}",
        who=str(chance.choice(people)) if chance.random() < 0.4 else "",
        detail={"rows": chance.randrange(10**6), "reason": "A reason, as many have."},
    )


def measure(end: datetime, n: int, requests: int, only: str) -> None:
    """Ask for every kind of page and print what it took."""
    from django.test import Client

    from accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="person-0"))
    base = statistics.median(
        timed(client, f"{PAGE}?{urlencode({'about': f'nothing {place}'})}")[0]
        for place in range(requests)
    )
    row("page", "p50", "p95", "p95 CPU", "p50 / empty page")
    row(*["---"] * 5)
    for name, asked in kinds(end, n).items():
        if only not in name:
            continue
        timed(client, asked(requests))  # what is compiled once is none of a page's
        seen = [timed(client, asked(place)) for place in range(requests)]
        walls = [wall for wall, _ in seen]
        row(
            name,
            f"{statistics.median(walls):.0f}",
            f"{p95(walls):.0f}",
            f"{p95([processor for _, processor in seen]):.0f}",
            f"{statistics.median(walls) / base:.1f}",
        )
    load = os.getloadavg()[0]
    print(f"\nEmpty page {base:.0f} ms; {os.cpu_count()} cores, load {load:.1f}.")


def kinds(end: datetime, n: int) -> dict[str, Asked]:
    """Each kind of page, by name."""
    common, rare = "run.succeeded", "alias.moved"

    def back(place: int, share: float) -> datetime:
        return end - YEAR * share - timedelta(minutes=7 * place)

    def page(address: str = PAGE, **asked: Any) -> Asked:
        """A query; what is callable is asked what it is this time."""
        return lambda place: (
            f"{address}?"
            + urlencode({k: v(place) if callable(v) else v for k, v in asked.items()})
        )

    def before(share: float) -> Callable[[int], str]:
        return lambda place: f"{back(place, share).isoformat()},0,{n}"

    def since(place: int) -> str:
        return f"{back(place, 0.5):%Y-%m-%dT%H:%M}"

    def until(place: int) -> str:
        return f"{back(place, 0.4):%Y-%m-%dT%H:%M}"

    def thing(place: int) -> str:
        return f"run {(n // 2 + 997 * place) % n // 5}"

    def person(place: int) -> str:
        return f"person-{place % PEOPLE}"

    return {
        "first page": page(),
        "deep page": page(before=before(0.5)),
        "near the end": page(before=before(0.98)),
        "a common kind": page(kind=common),
        "a common kind, deep": page(kind=common, before=before(0.7)),
        "a rare kind": page(kind=rare),
        "a person": page(who=person),
        "a person, deep": page(who=person, before=before(0.6)),
        "a person and a rare kind": page(who=person, kind=rare),
        "about a thing": page(about=thing),
        "about a thing, of a kind": page(about=thing, kind=common),
        "a time of a year": page(since=since, until=until),
        "download, first bytes": page(CSV),
        "download of a rare kind, first bytes": page(CSV, kind=rare),
    }


def timed(client: Any, address: str) -> tuple[float, float]:
    """Wall and processor time of one answer or its beginning, in milliseconds."""
    start, processor = time.perf_counter(), time.process_time()
    answer = client.get(address)
    if answer.streaming:
        lines = iter(answer.streaming_content)
        next(lines), next(lines)
    wall, spent = time.perf_counter() - start, time.process_time() - processor
    if answer.status_code != 200:
        raise SystemExit(f"{address} answers {answer.status_code}")
    answer.close()
    return 1e3 * wall, 1e3 * spent


def p95(values: list[float]) -> float:
    """What 95 of 100 stay within."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
