"""Work on a build in a command's own process, and tell what came of it."""

import json
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from monitor import claims
from monitor.events import record
from monitor.work import State
from registry.datasets.build import build, tidy
from registry.models import Build


def work(asked: Build) -> Build:
    """Bring it to its end; should this process be killed, a worker does."""
    try:
        build(asked)
    except KeyboardInterrupt:
        reason = "Stopped at the terminal."
        if claims.close(asked, State.CANCELLED, reason=reason):
            record("build.cancelled", about=str(asked), reason=reason)
            tidy(asked)
    asked.refresh_from_db()
    return asked


def told(ended: Build) -> dict[str, Any]:
    """What came of it, for machines."""
    dataset = ended.dataset
    return {
        "build": ended.pk,
        "state": ended.state,
        "reason": ended.reason,
        "rows": ended.n_rows,
        "rejected": ended.n_rejected,
        "notes": ended.notes,
        "dataset": dataset
        and {
            "number": dataset.number,
            "name": dataset.name,
            "sha256": dataset.sha256,
            "rows": dataset.n_rows,
            "pulsars": dataset.n_pulsars,
            "holdout": dataset.n_holdout,
            "holdout_pulsars": dataset.n_holdout_pulsars,
        },
    }


def tell(output: OutputWrapper, ended: Build, *, as_json: bool) -> None:
    """Say what came of it; fail with the reason where nothing did."""
    if as_json:
        output.write(json.dumps(told(ended)))
    elif ended.state == State.SUCCESS:
        output.write("\n".join(_lines(ended)))
    look_at(ended)


def look_at(ended: Build) -> None:
    """Fail with the reason where nothing came of it."""
    if ended.state != State.SUCCESS:
        raise CommandError(ended.reason or f"{ended} is {ended.get_state_display()}.")


def _lines(ended: Build) -> list[str]:
    dataset = ended.dataset
    if dataset is None:
        return [f"{ended}: {ended.n_rows:,} rows, {ended.n_rejected:,} rejected"]
    rejected = f", {ended.n_rejected:,} rejected" if ended.n_rejected else ""
    counts = (
        f"{dataset.n_rows:,} rows, {dataset.n_pulsars:,} pulsars, "
        f"{dataset.n_holdout:,} rows held out{rejected}"
    )
    return [f"{dataset}: {dataset.name}, {counts}", *ended.notes]
