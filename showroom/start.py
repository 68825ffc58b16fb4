"""Make a batch of uploaded files, and have it classified."""

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from accounts.models import User
from monitor import logs
from monitor.events import record
from monitor.send import send
from monitor.work import Queue
from pulsar_ml import loader
from registry import serving
from registry.models import Version
from showroom.classify import classify
from showroom.models import Batch, BatchFile
from showroom.receive import Stored, look_again
from showroom.scores import sources


def start(
    files: Sequence[Stored],
    *,
    owner: User,
    private: bool = False,
    version: Version | None = None,
    again_of: Batch | None = None,
) -> Batch:
    """Classify the files: at once if they are small, else by a worker."""
    batch = _open(
        files,
        owner=owner,
        private=private,
        version=version or serving.champion().version,
        again_of=again_of,
    )
    for file in files:
        look_again(file)
    if _is_small(batch):
        classify(batch)
    else:
        send(batch)
    batch.refresh_from_db()
    return batch


def digest(files: Sequence[Stored]) -> str:
    """One hash over the files' hashes, in their order."""
    hashes = "".join(file.sha256 for file in files)
    return hashlib.sha256(hashes.encode()).hexdigest()


def _is_small(batch: Batch) -> bool:
    limit = settings.PULSAR.showroom.inline_rows
    try:
        return loader.count_rows(sources(batch), limit) <= limit
    except OSError:
        return False  # its worker waits for room, or says what else is wrong


def _open(
    files: Sequence[Stored],
    *,
    owner: User,
    private: bool,
    version: Version,
    again_of: Batch | None,
) -> Batch:
    size = sum(file.size for file in files)
    heavy = size > settings.PULSAR.showroom.interactive_bytes
    with transaction.atomic():
        batch = Batch.objects.create(
            owner=owner,
            private=private,
            title=_title(files),
            version=version,
            again_of=again_of,
            queue=Queue.HEAVY if heavy else Queue.INTERACTIVE,
            bytes_total=size,
            input_sha256=digest(files),
            request_id=logs.request_id.get(),
        )
        BatchFile.objects.bulk_create(
            BatchFile(
                batch=batch,
                position=position,
                name=file.name,
                sha256=file.sha256,
                size=file.size,
            )
            for position, file in enumerate(files)
        )
        # Before scoring, so that a crash leaves its trace.
        record(
            "batch.collected",
            about=str(batch),
            who=owner,
            files=len(files),
            bytes=size,
            version=str(version),
            again_of=again_of,
        )
    return batch


def _title(files: Sequence[Stored]) -> str:
    first = files[0].name
    return first if len(files) == 1 else f"{first[:200]} and {len(files) - 1} more"
