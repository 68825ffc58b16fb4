"""Promotions under load: does a request fail, or does an old version answer too long?

    python benchmarks/promotion.py [--seconds N] [--rate N] [--every N] [--rows N]
                                   [--port N]

starts a site as bin/serve does, with a storage of its own, uploads a table of N rows
(200,000 if nothing is said) and sends the form of eight values 50 times a second for a
minute, as eight people do. Meanwhile an admin promotes a version every 4 seconds and
rolls it back the next time, by the pages. Exit code 1 if a request failed, if a version
answered later than two seconds after it had lost its place, or if the table was not
scored by the version that it began with.

Requests are sent when they are due, whether others have been answered or not. An answer
is made when its prediction is written: the site's own time, as the moves have theirs.
How much later its last byte came says how busy the machine was.
"""

import argparse
import re
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlencode

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.crowd import HOUR, MEANS, Person, bring_the_long_one, crowd, state
from conftest import eventually
from pulsar_ml.features import FEATURES
from pulsarsite.tests.site import Site, running_site

# So long may a version answer that is no longer in production.
GRACE = 2.0
PEOPLE, AT_ONCE = 8, 64
FORM = "application/x-www-form-urlencoded"
BY = re.compile(rb"</a> by (pulsar/\d+)")


class Answer(NamedTuple):
    """What came back, and when; no version where it is no score."""

    sent: float
    ended: float
    version: str = ""
    trouble: str = ""


class Mark(NamedTuple):
    """From when on a version was in production; or when it made an answer."""

    at: float
    version: str


def main() -> int:
    """Measure and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--every", type=float, default=4)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--port", type=int, default=8470)
    options = parser.parse_args()
    with (
        TemporaryDirectory(prefix="pulsarsite-promotion-") as folder,
        running_site(Path(folder), options.port) as site,
    ):
        people, admin = crowd(site, PEOPLE), Person(site, "admin")
        admin.log_in()
        batch = bring_the_long_one(people[0], options.rows) if options.rows else 0
        begun_by = champion(site)
        with ThreadPoolExecutor(AT_ONCE + 1) as pool:
            end = time.time() + options.seconds
            moving = pool.submit(keep_moving, site, admin, options.every, end)
            asked = list(keep_asking(pool, people, options.rate, options.seconds))
            answers = [one.result() for one in asked]
            moving.result()
        wrong = tell(answers, moves(site), made(site))
        return wrong + (look_at(site, batch, begun_by) if batch else 0)


def keep_asking(
    pool: ThreadPoolExecutor, people: list[Person], rate: int, seconds: int
) -> Iterator[Future[Answer]]:
    """Send each request when it is due."""
    begun = time.time()
    for n in range(rate * seconds):
        time.sleep(max(0.0, begun + n / rate - time.time()))
        yield pool.submit(ask, people[n % len(people)])


def ask(person: Person) -> Answer:
    """One candidate by its eight values."""
    values = dict(zip(FEATURES, MEANS, strict=True))
    sent = time.time()
    try:
        status, page = post(person, "/showroom/cases/", values)
    except (OSError, HTTPException) as error:
        return Answer(sent, time.time(), trouble=repr(error))
    found = BY.search(page)
    if status != HTTPStatus.OK or not found:
        return Answer(sent, time.time(), trouble=f"{status}")
    return Answer(sent, time.time(), found[1].decode())


def keep_moving(site: Site, admin: Person, every: float, end: float) -> None:
    """Promote the version that is not in production, then roll it back, and again."""
    is_back = False
    while time.time() + GRACE < end:
        time.sleep(every)
        now = champion(site)
        expected = {"expected": number_of(site, now), "reason": "measured"}
        if is_back:
            where = "/registry/pulsar/roll-back/"
        else:
            other = "pulsar/2" if now == "pulsar/1" else "pulsar/1"
            where = f"/registry/{other}/promote/"
            expected["act"] = "override"
        status, _ = post(admin, where, expected)
        if status != HTTPStatus.FOUND or champion(site) == now:
            sys.exit(f"{where} answered {status}; in production is {champion(site)}")
        is_back = not is_back


def post(person: Person, address: str, values: dict[str, object]) -> tuple[int, bytes]:
    form = {**values, "csrfmiddlewaretoken": person.cookies["csrftoken"]}
    body = urlencode(form).encode()
    sent = {"Content-Type": FORM, "Content-Length": str(len(body))}
    with person.asked("POST", address, iter([body]), sent) as answer:
        return answer.status, answer.read()


def champion(site: Site) -> str:
    """What the database says."""
    ((number,),) = site.ask(
        "select v.number from registry_alias a join registry_version v "
        "on v.id = a.version_id where a.name = 'champion'"
    )
    return f"pulsar/{number}"


def number_of(site: Site, version: str) -> int:
    """The key of its row."""
    number = int(version.partition("/")[2])
    ((key,),) = site.ask(f"select id from registry_version where number = {number}")
    return key


def moves(site: Site) -> list[Mark]:
    """Each move of the champion, by the database."""
    return marks(
        site,
        "select m.at, v.number from registry_aliasmove m join registry_version v "
        "on v.id = m.after_id where m.alias = 'champion' order by m.id",
    )


def made(site: Site) -> list[Mark]:
    """Each answer, by the database."""
    return marks(
        site,
        "select p.at, v.number from showroom_prediction p join showroom_batch b on "
        "b.id = p.batch_id join registry_version v on v.id = b.version_id "
        "order by p.id",
    )


def marks(site: Site, question: str) -> list[Mark]:
    return [
        Mark(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp(), f"pulsar/{n}")
        for at, n in site.ask(question)
    ]


def tell(answers: list[Answer], moved: list[Mark], written: list[Mark]) -> int:
    """Print it; how many answers are not as they should be."""
    failed = [one for one in answers if one.trouble]
    came = [Mark(one.ended, one.version) for one in answers if not one.trouble]
    lags, arrived = lags_of(written, moved), lags_of(came, moved)
    late = [lag for lag in lags if lag > GRACE]
    took = [one.ended - one.sent for one in answers] or [0.0]
    p50, p95 = np.percentile(took, (50, 95))
    n_moves = sum(answers[0].sent < move.at < answers[-1].ended for move in moved)
    first, last = answers[0].sent, max(one.ended for one in answers)
    for one in failed[:5]:
        print(f"failed: {one.trouble}")
    print("| what | found |")
    print("|---|---|")
    print(f"| requests in {last - first:.0f} s | {len(answers):,} |")
    print(f"| answered per second | {len(answers) / (last - first):.1f} |")
    print(f"| promotions and roll-backs | {n_moves} |")
    print(f"| failed | {len(failed)} |")
    print(f"| made by the old version after a move | {len(lags)} |")
    print(f"| the last of them, seconds after it | {max(lags, default=0):.2f} |")
    print(f"| made by the old version later than {GRACE:.0f} s | {len(late)} |")
    print(f"| the last to arrive, seconds after it | {max(arrived, default=0):.2f} |")
    print(f"| p50, p95, most, s | {p50:.3f}, {p95:.3f}, {max(took):.3f} |")
    return len(failed) + len(late)


def lags_of(answered: list[Mark], moved: list[Mark]) -> list[float]:
    """Of answers by a version that had lost its place: how long before."""
    times = [move.at for move in moved]
    last = [moved[bisect_right(times, one.at) - 1] for one in answered]
    return [
        one.at - move.at
        for one, move in zip(answered, last, strict=True)
        if one.version != move.version
    ]


def look_at(site: Site, batch: int, begun_by: str) -> int:
    """Whether the table, scored all the while, is of one version."""
    eventually(lambda: state(site, batch)[0] not in {"queued", "running"}, HOUR)
    became, scored, _ = state(site, batch)
    ((number,),) = site.ask(
        "select v.number from showroom_batch b join registry_version v "
        f"on v.id = b.version_id where b.id = {batch}"
    )
    print(f"the table: {became}, {scored:,} rows, by pulsar/{number}")
    return 0 if (became, f"pulsar/{number}") == ("success", begun_by) else 1


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
