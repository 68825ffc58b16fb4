"""Take an artefact into the registry as the next version of its model."""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from monitor.events import record
from pulsar_ml import artefact
from pulsar_ml.errors import BadArtefact
from pulsar_ml.serving import Scorer
from registry.models import Model, Version


def register(
    folder: Path,
    *,
    by: User | None = None,
    source: Version.Source = Version.Source.TRAINED,
) -> Version:
    """The version of this artefact: the one that is there, or a new one."""
    scorer = Scorer(folder)
    _keep(folder, scorer.sha256)
    with transaction.atomic():
        model, _ = Model.objects.get_or_create(name=scorer.card["model"])
        # Two registrations at once queue here; the constraints hold the rest.
        Model.objects.select_for_update().get(pk=model.pk)
        known = model.versions.filter(sha256=scorer.sha256).first()
        return known or _create(model, scorer, by, source)


def _create(
    model: Model, scorer: Scorer, by: User | None, source: Version.Source
) -> Version:
    last = model.versions.aggregate(last=Max("number"))["last"] or 0
    version = Version.objects.create(
        model=model,
        number=last + 1,
        sha256=scorer.sha256,
        card=scorer.card,
        source=source,
        created_by=by,
    )
    record(
        "version.created",
        about=str(version),
        who=by,
        sha256=scorer.sha256,
        source=source,
    )
    return version


def _keep(folder: Path, sha256: str) -> None:
    """Copy the artefact to where versions lie: under its hash, whole or not at all."""
    place = settings.PULSAR.storage.root / "models" / sha256
    if place.exists():
        return
    files, _ = artefact.read(folder, sha256=sha256)
    try:
        artefact.write(place, files)
    except (BadArtefact, OSError):
        # Another process may have been first; under this hash lie the same bytes.
        if not place.exists():
            raise
