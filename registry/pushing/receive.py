"""Take a model from elsewhere in: kept as it came, on record, and sent to a worker."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.timezone import now

from accounts.models import User
from monitor import logs, room
from monitor.events import record
from monitor.send import send
from pulsar_ml import artefact
from pulsar_ml.examine import order
from registry.datasets.ask import COMING, Brought, keep
from registry.datasets.disk import folder, settle
from registry.errors import CannotPush
from registry.models import Dataset, Push, Version
from registry.pushing import allowed
from registry.training.enough import lacks

# What comes along with a model may be no larger than any card or list of rows.
_MOST_BESIDE = 400 * 2**20
_LOOKED_AT = 20
LISTED, BY_DATASET = "list", "dataset"


def receive(
    file: Brought,
    *,
    model: str = "pulsar",
    dataset: Dataset | None = None,
    threshold: float | None = None,
    trained_on: str = artefact.UNKNOWN,
    beside: Mapping[str, Brought] | None = None,
    note: str = "",
    by: User | None = None,
    send_it: bool = True,
) -> Push:
    """Keep the file and have it examined; one that was quarantined is not again."""
    if why := allowed.why_not():
        raise CannotPush(why)
    if threshold is not None and not 0 < threshold < 1:
        raise CannotPush("A threshold is more than 0 and less than 1.")
    brought = {order.CAME: file, **(beside or {})}
    _check_sizes(brought)
    coming = folder("pushes") / f"{COMING}{uuid4().hex}"
    coming.mkdir()
    try:
        kept = {name: keep(each, coming / name) for name, each in brought.items()}
        _check_unknown(kept[order.CAME]["sha256"], model)
        told = {"threshold": threshold, "trained_on": trained_on, "files": kept}
        push = _record(kept[order.CAME], model, dataset or _newest(), told, note, by)
        settle(coming, push.folder)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    if send_it:
        send(push)
    return push


def quarantined(sha256: str, model: str) -> Version | None:
    """The version that this very file was quarantined as."""
    return (
        Version.objects.filter(
            model__name=model,
            sha256=sha256,
            registration=Version.Registration.QUARANTINED,
        )
        .select_related("model")
        .first()
    )


def _check_sizes(brought: Mapping[str, Brought]) -> None:
    most = settings.PULSAR.push.max_mb * 2**20
    for name, each in brought.items():
        limit = most if name == order.CAME else _MOST_BESIDE
        if not each.path.is_file():
            raise CannotPush(f"There is no file {each.path}.")
        if (size := each.path.stat().st_size) > limit:
            raise CannotPush(
                f"{each.name} has {filesizeformat(size)}; {filesizeformat(limit)} are "
                "allowed (push.max_mb)."
            )
    if reason := room.shortage(3 * brought[order.CAME].path.stat().st_size):
        raise CannotPush(f"{reason} Nothing was kept.")


def _check_unknown(sha256: str, model: str) -> None:
    if known := quarantined(sha256, model):
        raise CannotPush(
            f"This very file is {known} already, and quarantined: {known.reason}"
        )


def _newest() -> Dataset | None:
    """The newest dataset that one can be judged by, where nobody says which."""
    newest = Dataset.objects.order_by("-number")[:_LOOKED_AT]
    return next((dataset for dataset in newest if not lacks(dataset)), None)


def _record(
    came: Mapping[str, Any],
    model: str,
    dataset: Dataset | None,
    told: dict[str, Any],
    note: str,
    by: User | None,
) -> Push:
    with transaction.atomic():
        push = Push.objects.create(
            model=model,
            name=came["name"],
            sha256=came["sha256"],
            size=came["size"],
            told=told,
            note=note,
            dataset=dataset,
            by=by,
            request_id=logs.request_id.get(),
            sent_at=now(),
        )
        record(
            "push.received",
            about=str(push),
            who=by,
            name=push.name,
            sha256=push.sha256,
            size=push.size,
            model=model,
            dataset=str(dataset) if dataset else None,
        )
    return push


def came(push: Push) -> Path:
    """Where the file lies, as it came."""
    return push.folder / order.CAME
