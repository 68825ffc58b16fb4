"""Hostile words in what moves versions: comparisons, pushes, triggers, retrainings."""

from collections.abc import Mapping
from typing import Any

from django.utils.timezone import now

from accounts.models import User
from pulsar_ml import safe_csv
from pulsarsite.tests.planted import EVIL
from registry.models import (
    Comparison,
    Decision,
    Export,
    Push,
    Retraining,
    Trigger,
    Version,
)

Words = Mapping[str, Any]
# In the shape that the gate leaves, with a name of ours wherever there is one.
FINDINGS: dict[str, Any] = {
    "rows": 500,
    "pulsars": 120,
    "fpr": 0.009,
    "thresholds": {"champion": 0.2, "candidate": 0.3},
    "recall": {
        "champion": 0.92,
        "candidate": 0.87,
        "difference": -0.05,
        "low": -0.07,
        "high": -0.02,
        "margin": 0.01,
        "lost": True,
    },
    "slices": [
        {
            "column": EVIL,
            "label": EVIL,
            "pulsars": 60,
            "champion": 0.9,
            "candidate": 0.8,
            "difference": -0.1,
            "margin": 0.05,
            "counts": True,
            "lost": True,
        }
    ],
    "sentinels": {
        "found_by_both": 1,
        "found_by_neither": 0,
        "won": [EVIL],
        "lost": [{"name": EVIL, "hash": "0", "champion": 0.9, "candidate": 0.1}],
        "not_comparable": [{"name": EVIL, "trained_on_by": EVIL}],
        "thresholds": {"champion": 0.2, "candidate": 0.3},
    },
    "reasons": [EVIL],
    "why": "",
}


def moves(admin: User, champion: Version) -> dict[str, Words]:
    """Two versions compared, a file brought, a trigger and what it started."""
    other = Version.objects.exclude(pk=champion.pk).first()
    pair = {"candidate": other, "champion": champion, "by": admin}
    compared = Comparison.objects.create(
        state="success", outcome="refused", findings=FINDINGS, **pair
    )
    waiting = Comparison.objects.create(inputs_sha256="1", **pair)
    pushes = [
        Push.objects.create(
            name=EVIL,
            note=EVIL,
            told={EVIL: EVIL},
            size=1,
            state=state,
            reason=reason,
            findings=[{"name": EVIL, "ok": False, "words": EVIL}],
            by=admin,
        )
        for state, reason in (("failed", EVIL), ("queued", ""))
    ]
    schedule = {"kind": "schedule", "condition": {"cron": "0 3 * * *"}}
    fired, gone = (
        Trigger.objects.create(name=f"{EVIL}{n}", since=now(), by=admin, **schedule)
        for n in (1, 2)
    )
    Trigger.objects.filter(pk=gone.pk).update(removed_at=now())
    decision = Decision.objects.create(
        trigger=fired, at=now(), last_at=now(), outcome="fired", reason=EVIL, by=admin
    )
    retraining = Retraining.objects.create(
        trigger=fired,
        decision=decision,
        model="pulsar",
        policy="approve",
        stage="waiting",
        reason=EVIL,
        version=other,
        comparison=compared,
    )
    given = Export.objects.create(
        model=champion.model,
        number=1,
        open=None,
        state="success",
        reason=EVIL,
        manifest={EVIL: EVIL, "labels": 1, "pulsars": 1},
        dvc_note=EVIL,
        by=admin,
    )
    given.folder.mkdir(parents=True, exist_ok=True)
    with (given.folder / "labels.csv").open("w", newline="") as stream:
        safe_csv.write(stream, [[EVIL]])
    making = Export.objects.create(model=champion.model, number=2, by=admin)
    version = {"model": other.model.name, "number": other.number}
    return {
        "registry:promote": version,
        "registry:challenge": version,
        "registry:roll": version,
        "registry:comparison": {"pk": compared.pk},
        "registry:comparison-cancel": {"pk": waiting.pk},
        "registry:export": {
            "pk": given.pk,
            "name": "labels.csv",
            "model": champion.model.name,
        },
        "registry:export-cancel": {"pk": making.pk},
        "registry:push": {"pk": pushes[0].pk},
        "registry:push-cancel": {"pk": pushes[1].pk},
        "registry:trigger": {"pk": fired.pk},
        "registry:trigger-restore": {"pk": gone.pk},
        "registry:retraining": {"pk": retraining.pk},
    }
