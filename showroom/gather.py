"""Make a batch of stored files; nothing of it is scored yet."""

import hashlib
from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from monitor import logs
from monitor.events import record
from monitor.work import Queue
from registry.models import Version
from showroom.models import Batch, BatchFile
from showroom.receive import Stored

# Rows that one statement makes.
_AT_ONCE = 1_000


def gather(
    files: Sequence[Stored],
    *,
    title: str,
    owner: User | None,
    version: Version,
    queue: Queue,
    private: bool = False,
    blind: bool = False,
    again_of: Batch | None = None,
    source: Batch.Source = Batch.Source.UPLOAD,
    run: int | None = None,
) -> Batch:
    """List the files in a new batch, all of them or none."""
    size = sum(file.size for file in files)
    with transaction.atomic():
        batch = Batch.objects.create(
            owner=owner,
            private=private,
            blind=blind,
            source=source,
            run=run,
            title=title,
            version=version,
            again_of=again_of,
            queue=queue,
            bytes_total=size,
            input_sha256=digest(files),
            request_id=logs.request_id.get(),
        )
        BatchFile.objects.bulk_create(
            (
                BatchFile(
                    batch=batch,
                    position=position,
                    name=file.name,
                    sha256=file.sha256,
                    size=file.size,
                )
                for position, file in enumerate(files)
            ),
            batch_size=_AT_ONCE,
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


def digest(files: Sequence[Stored]) -> str:
    """One hash over the files' hashes, in their order."""
    hashes = "".join(file.sha256 for file in files)
    return hashlib.sha256(hashes.encode()).hexdigest()
