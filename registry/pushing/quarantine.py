"""Put a foreign model aside: numbered, with its reason, and never loaded."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from monitor import claims
from monitor.events import record
from monitor.work import LeaseLost, State
from pulsar_ml import artefact
from pulsar_ml.features import FEATURES
from registry.models import Model, Push, Version

_COUNTS = (
    "rows",
    "pulsars",
    "pointings",
    "trained_rows",
    "trained_pulsars",
    "holdout_rows",
    "holdout_pulsars",
)


def quarantine(push: Push, findings: list[dict[str, Any]]) -> Version:
    """The version that says so; the examination has ended with it."""
    reason = " ".join(
        f"{found['name'].capitalize()}: {found['words']}"
        for found in findings
        if not found["ok"]
    )[:500]
    with transaction.atomic():
        model, _ = Model.objects.get_or_create(name=push.model)
        # Two registrations at once queue here; the constraints hold the rest.
        Model.objects.select_for_update().get(pk=model.pk)
        known = model.versions.filter(sha256=push.sha256).first()
        version = known or _create(model, push, reason)
        closed = claims.close(push, State.SUCCESS, version=version, findings=findings)
        if not closed:
            raise LeaseLost(f"Another worker has taken {push} over.")
    return version


def _create(model: Model, push: Push, reason: str) -> Version:
    last = model.versions.aggregate(last=Max("number"))["last"] or 0
    version = Version.objects.create(
        model=model,
        number=last + 1,
        sha256=push.sha256,
        card=_card(push),
        registration=Version.Registration.QUARANTINED,
        reason=reason,
        source=Version.Source.PUSHED,
        created_by=push.by,
    )
    record(
        "version.quarantined",
        about=str(version),
        who=push.by,
        push=str(push),
        name=push.name,
        sha256=push.sha256,
        reason=reason,
    )
    return version


def _card(push: Push) -> dict[str, Any]:
    """As little as pages need: nothing of the file is believed."""
    return {
        "model": push.model,
        "kind": "classifier",
        "algorithm": "unknown",
        "parameters": {},
        "features": list(FEATURES),
        "threshold": None,
        "threshold_f1": None,
        "threshold_rule": "",
        "split_policy": "",
        "policy": "",
        "seed": None,
        "created": push.created_at.isoformat(timespec="seconds"),
        artefact.TRAINED_ON: artefact.UNKNOWN,
        "dataset": {"name": "unknown", "sha256": "", **dict.fromkeys(_COUNTS)},
        "metrics": {},
        "pushed": {"name": push.name, "sha256": push.sha256},
    }
