"""Fifty people upload at once while a batch of millions runs: what each waits.

    python benchmarks/crowd.py [--rows N] [--people N] [--port N]

starts a site as bin/serve does, with a storage of its own, uploads a table of N rows
(10,000,000 if nothing is said) and, once that batch runs, one table of every person at
the same moment, over HTTP: half of them 1,000 rows, which the request itself scores,
half 20,000, which a worker does. Then it looks at every row of every batch: each must
be there once. Exit code 1 if one is not, or if a batch did not end well.

Seconds are from the first byte of the upload sent to the end of its batch.
"""

import argparse
import csv
import io
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import numpy as np
from django.utils.timezone import now

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import eventually
from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from pulsarsite.tests.site import PASSWORD, Site, running_site

SMALL, LARGER = 1_000, 20_000
# The large table repeats so many rows.
BLOCK = 100_000
HOUR = 3_600
BOUNDARY = "a-boundary-that-no-table-holds"
# What noise looks like, roughly: means and spreads of the eight features.
MEANS = (115, 47, 0.2, 0.2, 2.6, 18, 9, 95)
SPREADS = (8, 2, 0.1, 0.1, 0.3, 1.5, 0.4, 8)


class Person:
    """Somebody with a browser: a session of one's own."""

    def __init__(self, site: Site, name: str) -> None:
        self.name = name
        self.host = urlsplit(site.url).netloc
        self.cookies: dict[str, str] = {}

    def log_in(self) -> None:
        self.ask("/accounts/login/")
        form = {
            "username": self.name,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.cookies["csrftoken"],
        }
        body = urlencode(form).encode()
        kind = "application/x-www-form-urlencoded"
        answer = self.send("/accounts/login/", iter([body]), len(body), kind)
        if answer.status != HTTPStatus.FOUND:
            sys.exit(f"{self.name} cannot log in: {answer.status}")

    def upload(self, name: str, content: Iterator[bytes], size: int) -> int:
        """Bring a table; the number of its batch."""
        before = (
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
            f"{self.cookies['csrftoken']}\r\n--{BOUNDARY}\r\n"
            f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        after = f"\r\n--{BOUNDARY}--\r\n".encode()
        body = chain([before], content, [after])
        size += len(before) + len(after)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        answer = self.send("/showroom/", body, size, kind)
        found = re.search(r"/batches/(\d+)/$", answer.headers["Location"] or "")
        if not found:
            sys.exit(f"the upload of {self.name} was refused: {answer.status}")
        return int(found[1])

    def follow(self, number: int) -> None:
        """Look at the batch's page each second, as the page itself does."""
        address = f"/showroom/batches/{number}/progress/"
        while "HX-Refresh" not in self.ask(address).headers:
            time.sleep(1)

    def rows_of(self, number: int) -> list[dict[str, str]]:
        """The batch's rows, as they are downloaded."""
        with self.asked("GET", f"/showroom/batches/{number}/scores.csv") as answer:
            return list(csv.DictReader(io.StringIO(answer.read().decode())))

    def ask(self, address: str) -> HTTPResponse:
        with self.asked("GET", address) as answer:
            return answer

    def send(
        self, address: str, body: Iterator[bytes], size: int, kind: str
    ) -> HTTPResponse:
        headers = {"Content-Type": kind, "Content-Length": str(size)}
        with self.asked("POST", address, body, headers) as answer:
            return answer

    @contextmanager
    def asked(
        self, method: str, address: str, body=None, headers=None
    ) -> Iterator[HTTPResponse]:
        connection = HTTPConnection(self.host, timeout=HOUR)
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": jar, **(headers or {})}
        connection.request(method, address, body=body, headers=sent)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {key: one.value for key, one in SimpleCookie(line).items()}
        yield answer
        answer.read()
        connection.close()


class Waited(NamedTuple):
    """What became of one person's upload."""

    person: Person
    number: int
    rows: int
    posted: datetime


def main() -> int:
    """Measure, look at every row, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--port", type=int, default=8460)
    options = parser.parse_args()
    with (
        TemporaryDirectory(prefix="pulsarsite-crowd-") as folder,
        running_site(Path(folder), options.port) as site,
    ):
        people = crowd(site, options.people)
        print(f"{len(people)} people have logged in", flush=True)
        long = bring_the_long_one(people[0], options.rows)
        eventually(lambda: state(site, long)[1] > 0, within=HOUR)
        print(f"a batch of {options.rows:,} rows runs", flush=True)
        waited = upload_at_once(people)
        _, at_end, *_ = state(site, long)
        told = tell(site, waited, at_end, options.rows)
        eventually(lambda: state(site, long)[0] not in {"queued", "running"}, HOUR)
        return told + look_at_the_long_one(site, Path(folder), long, options.rows)


def crowd(site: Site, n: int) -> list[Person]:
    """Make people, and log each in."""
    names = [f"person{number:02d}" for number in range(n)]
    site.manage(
        *("shell", "-v0", "-c"),
        "from accounts.models import User\n"
        "from django.contrib.auth.hashers import make_password\n"
        "from django.contrib.auth.models import Group\n"
        f"password = make_password({PASSWORD!r})\n"
        f"for name in {names!r}:\n"
        "    user = User.objects.create(username=name, password=password)\n"
        "    user.groups.add(Group.objects.get(name='researcher'))",
    )
    people = [Person(site, name) for name in names]
    for person in people:
        person.log_in()
    return people


def bring_the_long_one(person: Person, rows: int) -> int:
    """Upload a table of so many rows without ever holding it."""
    header, block = table(BLOCK, "row")
    whole, rest = divmod(rows, BLOCK)
    lines = block.splitlines(keepends=True)
    last = b"".join(lines[:rest])
    content = chain([header], repeat(block, whole), [last])
    size = len(header) + whole * len(block) + len(last)
    return person.upload("survey.csv", content, size)


def table(rows: int, prefix: str, seed: int = 0) -> tuple[bytes, bytes]:
    """A header, and rows that each have a name of their own."""
    random = np.random.default_rng(seed)
    values = random.normal(MEANS, SPREADS, (rows, len(FEATURES))).round(4)
    lines = (
        f"{prefix}-{place},{','.join(map(str, row))}\n"
        for place, row in enumerate(values.tolist())
    )
    header = ",".join(["name", *FEATURES])
    return f"{header}\n".encode(), "".join(lines).encode()


def upload_at_once(people: list[Person]) -> list[Waited]:
    """One table of each person, all in the same moment."""
    ready = Barrier(len(people))

    def bring(place: int) -> Waited:
        person, rows = people[place], LARGER if place % 2 else SMALL
        content = b"".join(table(rows, person.name, seed=place + 1))
        ready.wait()
        posted = now()
        number = person.upload(f"{person.name}.csv", iter([content]), len(content))
        person.follow(number)
        return Waited(person, number, rows, posted)

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(bring, range(len(people))))


def tell(site: Site, waited: list[Waited], at_end: int, of: int) -> int:
    """Print the times; how many uploads are not as they should be."""
    print(f"when the last was done, the long one had scored {at_end:,} of {of:,} rows")
    print("| upload | n | p50 s | p95 s | most s |")
    print("|---|---|---|---|---|")
    for rows, way in ((SMALL, "in the request"), (LARGER, "by a worker")):
        taken = [seconds(site, one) for one in waited if one.rows == rows]
        p50, p95 = np.percentile(taken, (50, 95))
        print(
            f"| {rows:,} rows, {way} | {len(taken)} | {p50:.1f} | {p95:.1f} "
            f"| {max(taken):.1f} |"
        )
    wrong = [one for one in waited if not is_whole(site, one)]
    print(f"{len(waited) - len(wrong)} of {len(waited)} ended well with each row once")
    return len(wrong)


def seconds(site: Site, one: Waited) -> float:
    ended = datetime.fromisoformat(state(site, one.number)[2]).replace(tzinfo=UTC)
    return (ended - one.posted).total_seconds()


def is_whole(site: Site, one: Waited) -> bool:
    """Whether the batch ended well, with each row of the table once."""
    found = one.person.rows_of(one.number)
    names = {row["name"] for row in found}
    expected = {f"{one.person.name}-{row}" for row in range(one.rows)}
    ended_well = state(site, one.number)[:2] == ("success", one.rows)
    return ended_well and names == expected and len(found) == one.rows


def look_at_the_long_one(site: Site, folder: Path, number: int, rows: int) -> int:
    """Whether the long batch ended well, with each row once."""
    became, scored, *_ = state(site, number)
    listed = site.ask(f"select part from showroom_chunk where batch_id = {number}")
    parts = [folder / "var" / "scores" / str(number) / part for (part,) in listed]
    with parquet.connection(folder / "temp") as connection:
        counted = connection.execute(
            f"select count(*), count(distinct row), min(row), max(row) "
            f"from {parquet.scan(parts)}"
        ).fetchone()
    well = (became, scored, counted) == ("success", rows, (rows, rows, 1, rows))
    print(
        f"the long one: {became}, {scored:,} rows, {'each once' if well else counted}"
    )
    return 0 if well else 1


def state(site: Site, number: int) -> tuple[str, int, str]:
    """What the database says of a batch: state, rows scored, when it ended."""
    (found,) = site.ask(
        f"select state, n_scored, finished_at from showroom_batch where id = {number}"
    )
    return found


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
