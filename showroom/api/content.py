"""Answers that are no JSON, for the schema."""

from collections.abc import Iterable
from typing import Any

_BYTES = {"type": "string", "format": "binary"}


def holds(*media_types: str) -> dict[str, Any]:
    """What an operation answers, in one of these types."""
    content = {one: {"schema": _BYTES} for one in _bare(media_types)}
    return {"responses": {200: {"description": "The file", "content": content}}}


def _bare(media_types: Iterable[str]) -> Iterable[str]:
    return (one.partition(";")[0] for one in media_types)
