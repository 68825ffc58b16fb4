"""Uploaded files whose bytes retention took away."""

from showroom.models import BatchFile


def why_gone(file: BatchFile) -> str:
    """What became of the file, after its name; empty if it is there."""
    # The same bytes may have been brought again since.
    if not file.removed_at or file.path.exists():
        return ""
    days = (file.removed_at - file.batch.created_at).days
    return f"was removed after {days} days, as the site is set up"
