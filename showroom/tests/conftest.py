"""Simulated tables, and the shipped model to score them."""

import base64
import csv
import io
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import Client

from monitor.work import State
from pulsar_ml.features import FEATURES, candidate_hash
from registry import serving
from registry.models import Version
from registry.ship import register_shipped
from showroom import parts, rows
from showroom.models import Batch, Candidate
from showroom.receive import Stored, store
from showroom.start import start

# The means and spreads of noise and of pulsars, roughly as a survey has them.
_NOISE = ((115, 47, 0.2, 0.2, 2.6, 18, 9, 95), (8, 2, 0.1, 0.1, 0.3, 1.5, 0.4, 8))
_PULSAR = ((55, 38, 3.0, 15, 50, 55, 2.5, 10), (10, 4, 0.5, 3, 10, 8, 0.5, 4))


def simulate(rows: int, seed: int = 0) -> np.ndarray:
    """Eight features a row; every tenth row looks like a pulsar."""
    random = np.random.default_rng(seed)
    kinds = [_PULSAR if row % 10 == 9 else _NOISE for row in range(rows)]
    middle, spread = (np.array(values) for values in zip(*kinds, strict=True))
    values = random.normal(middle, spread).round(6)
    values[:, [0, 1, 4, 5]] = np.abs(values[:, [0, 1, 4, 5]]) + 0.5
    # Pearson's bound holds for every real candidate.
    for skew, exkurt in ((2, 3), (6, 7)):
        values[:, exkurt] = np.maximum(values[:, exkurt], values[:, skew] ** 2 - 1.9)
    return values


def as_csv(values: np.ndarray, **extra: list[str]) -> bytes:
    """A table with our own header, and further columns if wanted."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*FEATURES, *extra])
    for place, row in enumerate(values):
        writer.writerow(
            [*map(repr, map(float, row)), *(c[place] for c in extra.values())]
        )
    return text.getvalue().encode()


def upload(name: str, content: bytes) -> TemporaryUploadedFile:
    """A file as Django hands it to a view."""
    file = TemporaryUploadedFile(name, "text/csv", len(content), None)
    file.write(content)
    file.seek(0)
    return file


def stored(name: str, content: bytes) -> Stored:
    """A file that was received."""
    return store(upload(name, content))


def every(batch: Batch, wanted: dict) -> list[dict]:
    """All rows that are wanted, by the names of their columns."""
    columns = [*parts.SCORED, *rows.metadata_columns(batch)]
    found = itertools.chain.from_iterable(rows.blocks(batch, wanted, columns))
    return [dict(zip(columns, values, strict=True)) for values in found]


def fill(batch: Batch, n: int) -> None:
    """Shortlist rows as if they had been judged: no part is read for them."""
    Candidate.objects.bulk_create(
        Candidate(
            batch=batch,
            row=row,
            name=f"J{row}",
            probability=0.5,
            predicted=False,
            margin=0.1,
            shortlisted=Candidate.Reason.HIGH,
            hash=candidate_hash(values),
            features=values.tolist(),
        )
        for row, values in enumerate(simulate(n), 1)
    )


@pytest.fixture(autouse=True)
def no_stale_models() -> None:
    """Each test has a storage of its own, and the models in it."""
    serving._scorer.cache_clear()


@pytest.fixture
def champion(db) -> Version:
    """The shipped champion, registered."""
    register_shipped()
    return serving.champion().version


@pytest.fixture
def researcher(person):
    """Ana, who uploads."""
    return person("researcher", "ana")


@pytest.fixture
def ana(client: Client, researcher) -> Client:
    """Ana's browser."""
    client.force_login(researcher)
    return client


@pytest.fixture
def batch(champion, researcher) -> Callable[..., Batch]:
    """Make a scored batch of simulated rows."""

    def make(rows: int = 40, **extra: list[str]) -> Batch:
        content = as_csv(simulate(rows), **extra)
        return start([stored("sky.csv", content)], owner=researcher)

    return make


@pytest.fixture
def listed(champion, researcher) -> Batch:
    """A batch that has ended, of ten shortlisted rows; there are no parts of it."""
    made = Batch.objects.create(
        owner=researcher,
        title="sky.csv",
        version=champion,
        state=State.SUCCESS,
        n_rows=10,
        n_scored=10,
    )
    fill(made, 10)
    return made


@pytest.fixture
def mailbox(settings) -> Callable[[], list[tuple[int, str]]]:
    """What was sent to the workers since the last look: batch and queue."""
    folder = Path(settings.CELERY["broker_transport_options"]["data_folder_out"])

    def received() -> list[tuple[int, str]]:
        found = []
        for file in sorted(folder.iterdir()):
            message = json.loads(file.read_text())
            file.unlink()
            body = json.loads(base64.b64decode(message["body"]))
            found.append(
                (body[0][0], message["properties"]["delivery_info"]["routing_key"])
            )
        return found

    received()
    return received


@pytest.fixture
def reconfigured(settings) -> Callable[..., None]:
    """Change what is configured: reconfigured("storage", reserve_bytes=0)."""

    def change(section: str, **values: object) -> None:
        changed = getattr(settings.PULSAR, section).model_copy(update=values)
        settings.PULSAR = settings.PULSAR.model_copy(update={section: changed})

    return change


@pytest.fixture
def keep(settings, reconfigured) -> Callable[..., None]:
    """Say what retention keeps: keep(uploads={"days": 90})."""

    def change(**kinds: dict[str, int]) -> None:
        now_kept = settings.PULSAR.retention
        reconfigured(
            "retention",
            **{
                kind: getattr(now_kept, kind).model_copy(update=values)
                for kind, values in kinds.items()
            },
        )

    return change
