"""Whether the site takes another upload, or has no room for it."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from monitor import room
from showroom.errors import NoRoom
from showroom.models import BatchFile, Chunk
from showroom.storage import usage


def admit(size: int) -> None:
    """Refuse an upload whose bytes have come, before anything of it is kept."""
    if reason := why_not(size):
        raise NoRoom(f"{reason} Nothing of this upload was kept.")


def why_not(size: int = 0) -> str:
    """Why an upload of this size is refused; empty if it is not."""
    kept = settings.PULSAR.retention
    if lacking := room.shortage():
        return f"{lacking} Uploads are refused until there is room."
    if kept.uploads.bytes:
        taken = usage.uploads(BatchFile.objects.all())
        if taken + size > kept.uploads.bytes:
            return _too_much("uploads", kept.uploads.bytes, taken, size)
    if kept.scores.bytes:
        taken = usage.scores(Chunk.objects.all())
        if taken >= kept.scores.bytes:
            return _too_much("scores", kept.scores.bytes, taken)
    return ""


def _too_much(kind: str, most: int, taken: int, size: int = 0) -> str:
    more = f"; this has {filesizeformat(size)}" if size else ""
    return (
        f"The site keeps at most {filesizeformat(most)} of {kind} and has "
        f"{filesizeformat(taken)}{more}. Delete batches that nobody needs and remove "
        "them on the Storage page, or ask an admin."
    )
