"""The site that benchmarks/vetting.py looks at: much to judge, and a large table.

    python benchmarks/vetted_site.py CANDIDATES ROWS RAW

That benchmark runs it, in a process of its own, with the configuration of the site.
"""

import hashlib
import random
import sys
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

import pages

from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.simulate import KINDS, simulate

if TYPE_CHECKING:
    from django.db.models import Model

SHORTLIST = 2_500
AT_ONCE = 2_000
PERSON = "benchmark"


def main() -> None:
    """Make what is not there yet."""
    n_candidates, n_rows, n_raw = map(int, sys.argv[1:])
    pages.fill(n_rows)
    from accounts.models import User
    from showroom.models import Batch

    person = User.objects.get(username=PERSON)
    if n_raw and not Batch.objects.filter(title="raw.zip").exists():
        bring(person, n_raw)
    if not Batch.objects.filter(title__startswith="night ").exists():
        list_many(person, n_candidates)


def list_many(person: Any, n: int) -> None:
    """Shortlists as many nights leave them; their rows are in no part."""
    from monitor.work import State
    from registry import serving
    from showroom.models import Batch, Candidate

    drawn = random.Random(0)  # noqa: S311  # a simulation
    version = serving.champion().version
    threshold = version.card["threshold"]

    def candidates(batch: Batch) -> Iterator[Candidate]:
        for row in range(1, SHORTLIST + 1):
            is_high = row <= SHORTLIST * 0.8
            near = drawn.uniform(0.8, 1) * threshold
            score = drawn.uniform(threshold, 1) if is_high else near
            yield Candidate(
                batch=batch,
                row=row,
                name=f"J{row:04d}+{batch.pk:04d}",
                probability=score,
                predicted=score >= threshold,
                shortlisted="high" if is_high else "uncertain",
                margin=abs(score - threshold),
                hash=hashlib.sha256(f"{batch.pk}-{row}".encode()).hexdigest(),
            )

    for night in range(n // SHORTLIST):
        batch = Batch.objects.create(
            owner=person,
            title=f"night {night + 1}",
            version=version,
            state=State.SUCCESS,
            n_scored=SHORTLIST,
        )
        add(Candidate, candidates(batch))


def bring(person: Any, n: int) -> None:
    """Classify simulated raw candidates, as somebody sends them."""
    from django.core.files.uploadedfile import TemporaryUploadedFile

    from showroom.classify import classify
    from showroom.receive import store
    from showroom.start import start

    sent = TemporaryUploadedFile("raw.zip", "application/zip", 0, None)
    with zipfile.ZipFile(sent, "w") as archive:
        for seed in range(n):
            made = simulate(KINDS[seed % len(KINDS)], seed=seed)
            kind = "pfd" if seed % 2 else "phcx"
            content = made.to_pfd() if seed % 2 else made.to_phcx()
            archive.writestr(f"{made.kind}-{seed:04d}.{kind}", content)
    sent.size = sent.tell()
    sent.seek(0)
    batch = start([store(sent)], owner=person)
    if batch.is_under_way:
        classify(batch)


def judge_half(person: Any, order: str) -> int:
    """Let the person have judged what comes first, up to half of everything."""
    from showroom.models import Candidate

    listed = Candidate.objects.exclude(shortlisted="").order_by(order)
    return say(person, list(listed[: listed.count() // 2]))


def judge_rows(person: Any, batch: Any, query: str) -> int:
    """Let the person have judged what comes first of a table, as much as of lists."""
    from django.http import QueryDict

    from showroom import rows
    from showroom.forms import RowsForm
    from showroom.models import Candidate

    form = RowsForm(QueryDict(query), batch=batch)
    form.is_valid()
    half = Candidate.objects.exclude(shortlisted="").count() // 2
    found = rows.page(batch, form.cleaned_data, half, ["row", "probability", *FEATURES])
    add(
        Candidate,
        (
            Candidate(
                batch=batch,
                row=row["row"],
                probability=row["probability"],
                predicted=row["probability"] >= pages.THRESHOLD,
                margin=abs(row["probability"] - pages.THRESHOLD),
                hash=candidate_hash(row[name] for name in FEATURES),
            )
            for row in found.rows
        ),
    )
    return say(person, list(batch.candidates.all()))


def say(person: Any, candidates: list[Any]) -> int:
    """One word of all of these."""
    from django.utils.timezone import now

    from registry.models import Label
    from showroom.models import Verdict

    at = now()
    add(
        Verdict,
        (
            Verdict(
                candidate=candidate,
                person=person,
                word="RFI",
                hash=candidate.hash,
                drawn=Label.Drawn.QUEUE,
                at=at,
                act=uuid4(),
            )
            for candidate in candidates
        ),
    )
    return len(candidates)


def add(model: "type[Model]", rows: Iterator[Any]) -> None:
    """Store many, some at a time."""
    while block := list(islice(rows, AT_ONCE)):
        # Kept from an earlier run, some are there.
        model._default_manager.bulk_create(block, ignore_conflicts=True)  # noqa: SLF001  # its public name


if __name__ == "__main__":
    main()
