"""Make a batch of uploaded files, and have it classified."""

from collections.abc import Sequence

from django.conf import settings

from accounts.models import User
from monitor import room
from monitor.send import send
from monitor.work import Queue
from pulsar_ml import loader
from registry import serving
from registry.models import Version
from showroom import parts
from showroom.classify import classify
from showroom.gather import gather
from showroom.models import Batch
from showroom.receive import Stored, look_again
from showroom.scores import sources

# What somebody waits for, as it was sent and as it is unpacked: a few seconds of work.
_MOST_BYTES = 32 * 2**20
_MOST_UNPACKED = 64 * 2**20


def start(
    files: Sequence[Stored],
    *,
    owner: User,
    private: bool = False,
    blind: bool = False,
    version: Version | None = None,
    again_of: Batch | None = None,
) -> Batch:
    """Classify the files: at once if they are small, else by a worker."""
    batch = gather(
        files,
        title=_title(files),
        owner=owner,
        private=private,
        blind=blind,
        version=version or serving.champion().version,
        again_of=again_of,
        queue=_queue(files),
    )
    for file in files:
        look_again(file)
    if _is_small(batch):
        classify(batch)
    else:
        send(batch)
    batch.refresh_from_db()
    return batch


def _is_small(batch: Batch) -> bool:
    limit = settings.PULSAR.showroom.inline_rows
    if batch.bytes_total > _MOST_BYTES:
        return False
    try:
        scratch = parts.scratch()._replace(spend=room.allowance(_MOST_UNPACKED))
        return loader.count_rows(sources(batch, scratch), limit) <= limit
    except OSError:
        return False  # its worker waits for room, or says what else is wrong


def _queue(files: Sequence[Stored]) -> Queue:
    size = sum(file.size for file in files)
    heavy = size > settings.PULSAR.showroom.interactive_bytes
    return Queue.HEAVY if heavy else Queue.INTERACTIVE


def _title(files: Sequence[Stored]) -> str:
    first = files[0].name
    if not any(c.isprintable() and not c.isspace() for c in first):
        first = "unnamed"
    return first if len(files) == 1 else f"{first[:200]} and {len(files) - 1} more"
