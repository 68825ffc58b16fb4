"""Answers that are no JSON of ours, as the schema describes them."""

from typing import Any

_SCHEMAS: dict[str, dict[str, str]] = {
    "application/json": {"type": "object"},
    "text/csv": {"type": "string"},
    "text/markdown": {"type": "string"},
}
_BYTES = {"type": "string", "format": "binary"}


def holds(*kinds: str) -> dict[str, Any]:
    """For `openapi_extra`: of which kinds the body may be."""
    content = {kind: {"schema": _SCHEMAS.get(kind, _BYTES)} for kind in kinds}
    return {"responses": {"200": {"description": "OK", "content": content}}}
