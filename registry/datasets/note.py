"""Say something about a dataset, which itself never changes."""

from django.db import transaction

from accounts.models import User
from monitor.events import record
from registry.models import Dataset


def note(dataset: Dataset, text: str, *, by: User) -> None:
    """Keep the note; an empty one takes it away."""
    if text == dataset.note:
        return
    dataset.note = text
    with transaction.atomic():
        dataset.save(update_fields=["note"])
        record("dataset.noted", about=str(dataset), who=by)
