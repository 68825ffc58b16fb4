"""What the pages of a very large batch take: table, row, histogram, feature space.

    python benchmarks/pages.py [--rows N] [--requests N] [--cold N] [--storage FOLDER]
                               [--threads N]

Makes a batch of N rows (10,000,000 if nothing is said) in a throw-away storage, by the
site's own writer: simulated features and scores, a name, a beam and a DM as a survey
has them; three people have judged 100,000 rows of it. Then it asks the site's own
views, in this process, for each kind of page. Each request asks for something else, so
that no count is kept from the one before, but for the pages that say so. Cold: the
parts are taken out of the system's cache first.
Wall and processor time in milliseconds; p95 of the warm requests. With --storage the
batch is kept there, and found again.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from pulsar_ml.features import FEATURES

PART = 65_536
THRESHOLD = 0.5
# Rows of which people have said something.
JUDGED = 100_000
COLUMNS = ["beam", "dm", "note"]

# A query, or a path below the batch's, for each time it is asked.
Asked = Callable[[int], str]


def main() -> None:
    """Fill, measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--cold", type=int, default=3)
    parser.add_argument("--storage", type=Path)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--only", default="", help="kinds with this in their name")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill(options.rows)
        judge(options.rows)
        return
    with TemporaryDirectory(prefix="pages-") as folder:
        storage = (options.storage or Path(folder)).resolve()
        storage.mkdir(parents=True, exist_ok=True)
        configure(storage, options.threads)
        # In a process of its own, as its memory is none of a page's.
        again = [sys.executable, __file__, "--fill", "--rows", str(options.rows)]
        subprocess.run(again, check=True)
        measure(options.requests, options.cold, options.only)


def configure(storage: Path, threads: int) -> None:
    """A site of its own."""
    config: dict[str, Any] = {"storage": {"root": str(storage)}}
    if threads:
        config["tables"] = {"threads": threads}
    file = storage / "config.yaml"
    file.write_text(json.dumps(config))
    os.environ["CONFIG_FILE"] = str(file)
    os.environ["DJANGO_SETTINGS_MODULE"] = "pulsarsite.settings"


def fill(n_rows: int) -> None:
    """Make the batch, unless it is there."""
    import django

    django.setup()
    import numpy as np
    from django.contrib.auth.models import Group
    from django.core.management import call_command

    from accounts.models import User
    from monitor.work import State
    from registry import serving
    from showroom import parts, scores
    from showroom.models import Batch, Chunk

    call_command("prepare", verbosity=0)
    if Batch.objects.filter(n_rows=n_rows, state=State.SUCCESS).exists():
        return
    owner, _ = User.objects.get_or_create(username="benchmark")
    owner.groups.set(Group.objects.filter(name="researcher"))
    batch = Batch.objects.create(
        owner=owner,
        title=f"{n_rows:,} simulated rows",
        version=serving.champion().version,
        columns=COLUMNS,
    )
    # Where a row comes from, its page asks; the bytes are never read.
    batch.files.create(position=0, name="survey.csv", sha256="0" * 64, size=0)
    random = np.random.default_rng(0)
    with parts.writer(batch) as put:
        for number, first in enumerate(range(0, n_rows, PART)):
            frame = simulated(random, first + 1, min(PART, n_rows - first))
            part, sha256 = parts.write_scores(
                put, batch, number, frame, COLUMNS, worker="benchmark"
            )
            Chunk.objects.create(
                batch=batch,
                number=number,
                first_row=first + 1,
                n_rows=len(frame),
                n_scored=len(frame),
                n_pulsars=int(frame["predicted"].sum()),
                histogram=scores.histogram(frame["probability"].to_numpy()),
                part=part,
                sha256=sha256,
                n_bytes=parts.size(batch, part),
            )
    Batch.objects.filter(pk=batch.pk).update(
        n_rows=n_rows,
        n_scored=n_rows,
        n_pulsars=sum(batch.chunks.values_list("n_pulsars", flat=True)),
        state=State.SUCCESS,
        sha256=scores.digest(batch),
    )


def judge(n_rows: int) -> None:
    """Let three people judge every tenth row, up to 100,000 rows."""
    from django.utils.timezone import now

    from accounts.models import User
    from registry.models import Label
    from registry.models.label import Word
    from showroom.models import Batch, Candidate, Verdict

    batch = Batch.objects.filter(n_rows=n_rows).latest("pk")
    if batch.candidates.exists():
        return
    names = ("benchmark", "ben", "eve")
    people = [User.objects.get_or_create(username=name)[0] for name in names]
    numbers, at = list(range(1, n_rows + 1, 10))[:JUDGED], now()
    for first in range(0, len(numbers), 1_000):
        judged = [
            Candidate(
                batch=batch,
                row=row,
                probability=0.5,
                predicted=True,
                margin=0,
                shortlisted=Candidate.Reason.HIGH,
                hash=f"{row:064x}",
            )
            for row in numbers[first : first + 1_000]
        ]
        Candidate.objects.bulk_create(judged)
        Verdict.objects.bulk_create(
            Verdict(
                candidate=candidate,
                person=people[candidate.row % 3],
                word=Word.values[candidate.row % 6],
                hash=candidate.hash,
                drawn=Label.Drawn.QUEUE,
                at=at,
                act=uuid4(),
            )
            for candidate in judged
        )


def simulated(random: Any, first: int, n: int) -> Any:
    """Rows as a survey has them: one in some hundreds looks like a pulsar."""
    import numpy as np
    import pandas as pd

    middle = (115, 47, 0.2, 0.2, 2.6, 18, 9, 95)
    spread = (25, 7, 0.3, 0.5, 12, 9, 3, 60)
    values = random.normal(middle, spread, (n, 8)).round(6)
    score = random.beta(0.05, 6, n).astype("float32")
    predicted = score > THRESHOLD
    values[predicted] += (-60, -9, 2.8, 15, 45, 35, -6, -85)
    return pd.DataFrame(
        {
            "row": np.arange(first, first + n),
            "name": [f"J{n:08d}" for n in random.integers(0, 10**8, n)],
            **dict(zip(FEATURES, values.T, strict=True)),
            "probability": score,
            "predicted": predicted.astype("int8"),
            "warnings": random.choice(
                ["", "unusual", "extrapolation"], n, p=(0.85, 0.13, 0.02)
            ),
            "beam": [f"beam {n}" for n in random.integers(1, 14, n)],
            "dm": [f"{dm:.2f}" for dm in random.gamma(2, 90, n)],
            "note": random.choice([None, "seen before"], n, p=(0.99, 0.01)),
        }
    )


def measure(requests: int, cold: int, only: str) -> None:
    """Ask for every kind of page and print what it took."""
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User
    from showroom.models import Batch
    from showroom.rows import counting

    batch = Batch.objects.latest("pk")
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="benchmark"))
    row("page", "cold median", "median", "p95", "p95 CPU")
    row(*["---"] * 5)
    for name, asked in kinds(batch).items():
        if only not in name:
            continue
        counting._counted_once.cache_clear()  # noqa: SLF001  # as in a new process
        counting._counted_lately.cache_clear()  # noqa: SLF001
        seen: list[tuple[float, float]] = []
        for place in range(cold + requests):
            if place < cold:
                forget(batch.folder)
            seen.append(timed(client, batch.get_absolute_url() + asked(place)))
        warm = seen[cold:]
        row(
            name,
            f"{statistics.median(wall for wall, _ in seen[:cold]):.0f}" if cold else "",
            f"{statistics.median(wall for wall, _ in warm):.0f}",
            f"{p95([wall for wall, _ in warm]):.0f}",
            f"{p95([processor for _, processor in warm]):.0f}",
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    load = os.getloadavg()[0]
    print(f"\nPeak memory {peak:.0f} MB; {os.cpu_count()} cores, load {load:.1f}.")


def kinds(batch: Any) -> dict[str, Asked]:
    """Each kind of page, by name."""
    n_rows = batch.n_rows

    def by(**asked: Any) -> Asked:
        """A query; what is callable is asked what it is this time."""
        return lambda place: (
            "?"
            + urlencode({k: v(place) if callable(v) else v for k, v in asked.items()})
        )

    def key(value: Any) -> Callable[[int], str]:
        return lambda place: json.dumps([value(place), n_rows // 2 + place])

    def of_row(page: str = "", **asked: Any) -> Asked:
        query = by(**asked)
        return lambda place: f"rows/{1 + place * 7919 % n_rows}/{page}{query(place)}"

    pages = {
        "first page": by(),
        "by score, upwards": by(sort="probability"),
        "by a feature": by(sort=lambda place: f"-{FEATURES[place % 8]}"),
        "by name": by(sort="name"),
        "by class": by(sort="-predicted"),
        "by warnings": by(sort="-warnings"),
        "by metadata, numbers": by(sort="-meta_1"),
        "by metadata, text": by(sort="meta_0"),
        "by row, at the end": by(
            sort="-row", after=lambda place: json.dumps([n_rows - place] * 2)
        ),
        "deep, by score": by(after=key(lambda place: 1e-3 / (1 + place))),
        "deep, by a feature": by(
            sort="-dm_mean", after=key(lambda place: 5.0 + place / 10)
        ),
        "deep, by name": by(
            sort="name", after=key(lambda place: f"J{50 + place}000000")
        ),
        "deep, by metadata": by(
            sort="meta_1", after=key(lambda place: f"{100 + place}.25")
        ),
        "range of a feature": by(dm_mean_from=lambda place: 20 + place / 10),
        "range of three": by(
            dm_mean_from=lambda place: place / 10, prof_skew_from=1, dm_skew_to=8
        ),
        "range of scores": by(low=lambda place: 0.02 + place / 1000),
        "class": by(predicted="1", low=lambda place: place / 1000),
        "warning": by(warning="unusual", low=lambda place: place / 1000),
        "text": by(text=lambda place: f"j{place:03d}"),
        "text and by name": by(text=lambda place: f"{place:03d}", sort="name"),
        "text, its other pages": by(
            text="j1234", sort=lambda place: FEATURES[place % 8]
        ),
        "row page": of_row(),
        "next row": of_row("next/"),
        "next row, by metadata": of_row("next/", sort="meta_1"),
        "next row, within a filter": of_row("next/", dm_mean_from=10),
    }
    words = ("RFI", "NOISE", "T1_CAND", "T2_CAND", "KNOWN_PSR", "NB_PSR")
    pages |= {
        "verdict, a word": by(
            verdict=lambda place: words[place % 6], low=lambda place: place / 1e6
        ),
        "verdict, by me": by(judge="me", low=lambda place: place / 1e6),
        "verdict, none yet": by(verdict="none", low=lambda place: place / 1e6),
        "verdict, none by me": by(
            verdict="none", judge="me", sort=lambda place: f"-{FEATURES[place % 8]}"
        ),
        "next row, not judged": of_row("next/", verdict="none", judge="me"),
        "list of verdicts": lambda place: f"verdicts/?judge={1 + place % 3}",
        "shortlist": lambda place: f"shortlist/?page={1 + place}",
    }
    pages["feature space, whole"] = lambda place: f"space/{pair(place)}"
    pages["feature space, a range"] = lambda place: (
        f"space/{pair(place)}&dm_mean_from={place / 10}"
    )
    return pages


def pair(place: int) -> str:
    """Two features, others each time."""
    first, second = place % 8, (place + 1 + place // 8) % 8
    second = second if second != first else (second + 1) % 8
    return f"?x={FEATURES[first]}&y={FEATURES[second]}"


def forget(folder: Path) -> None:
    """Take the parts out of the system's cache."""
    for path in folder.glob("*.parquet"):
        opened = os.open(path, os.O_RDONLY)
        os.posix_fadvise(opened, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(opened)


def timed(client: Any, address: str) -> tuple[float, float]:
    """Wall and processor time of one answer, in milliseconds."""
    start, processor = time.perf_counter(), time.process_time()
    answer = client.get(address)
    wall, spent = time.perf_counter() - start, time.process_time() - processor
    if answer.status_code not in {200, 302}:
        raise SystemExit(f"{address} answers {answer.status_code}")
    return 1e3 * wall, 1e3 * spent


def p95(values: list[float]) -> float:
    """What 95 of 100 stay within."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
