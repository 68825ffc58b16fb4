"""Tags: short words of people's own, by which runs are found again."""

import json

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from registry.errors import RegistryError
from registry.models import TrainingRun

MOST, LONGEST = 20, 40


class BadTags(RegistryError):
    """These cannot be tags; the message says why."""


def tags(text: str) -> list[str]:
    """Tags as people write them: parted by commas, each once."""
    found = list(dict.fromkeys(" ".join(tag.split()) for tag in text.split(",")))
    found = [tag for tag in found if tag]
    if len(found) > MOST:
        raise BadTags(f"At most {MOST} tags, not {len(found)}.")
    if long := [tag for tag in found if len(tag) > LONGEST]:
        raise BadTags(f"A tag has at most {LONGEST} characters: {long[0][:60]}")
    return found


def tagged(runs: QuerySet[TrainingRun], tag: str) -> QuerySet[TrainingRun]:
    """Those that have the tag, whatever its capitals."""
    # SQLite cannot look into lists; as text they hold each tag in quotes.
    as_text = runs.alias(tags_text=Cast("tags", TextField()))
    return as_text.filter(tags_text__icontains=json.dumps(tag))
