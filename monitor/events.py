"""The one way to say that something happened."""

import json
from typing import Any

from monitor.logs import request_id
from monitor.models import Outbox

KINDS = {
    "alias.moved": "A model version was given a role, such as champion.",
    "batch.cancelled": "A batch was stopped by a person before its end.",
    "batch.collected": "Files arrived and became a batch; nothing is scored yet.",
    "batch.deleted": "A batch was deleted by a person, who can undo that for a while.",
    "batch.failed": "A batch ended without its scores.",
    "batch.pruned": "A batch and all its files were removed for good.",
    "batch.restored": "A deleted batch was brought back.",
    "batch.resumed": "A batch that was interrupted or waited was taken up again.",
    "batch.scored": "Every row of a batch has its score.",
    "batch.shown": "The result of a batch was looked at for the first time.",
    "batch.waiting": "A batch waits until there is room on the disk.",
    "case.classified": "A single case was scored from the form.",
    "catalogue.imported": "A version of the catalogue of known pulsars was brought in.",
    "clock.started": "The scheduler began to keep time.",
    "job.failed": "A job that had been well ended with an error.",
    "job.recovered": "A job that had been failing ended well.",
    "storage.pruned": "What the site keeps no longer was removed; how much, by kind.",
    "user.locked_out": "Too many wrong passwords: a pause was imposed.",
    "user.logged_in": "A person logged in.",
    "user.password_changed": "A password was set or changed.",
    "version.created": "A version of a model was registered.",
}

LONGEST = 2000  # characters of one text in an event's detail


def record(kind: str, *, about: str = "", who: object = None, **detail: Any) -> None:
    """Put one event into the outbox, inside the caller's own transaction."""
    if kind not in KINDS:
        raise KeyError(kind)
    Outbox.objects.create(
        kind=kind,
        about=_fit(about)[:200],
        who=str(getattr(who, "pk", who) or ""),
        # What is empty says nothing.
        detail=_plain({k: v for k, v in detail.items() if v not in (None, "")}),
        request_id=request_id.get(),
    )


def _plain(detail: dict[str, Any]) -> Any:
    """What every database takes as JSON: no dates, no numbers that are none."""
    return _fit(json.loads(json.dumps(detail, default=str), parse_constant=str))


def _fit(value: Any) -> Any:
    """Texts that every database takes: a file's name may hold lone surrogates."""
    if isinstance(value, dict):
        return {_fit(key): _fit(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fit(inner) for inner in value]
    if not isinstance(value, str):
        return value
    text = (
        value.encode("utf-8", "replace")
        .decode()
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
