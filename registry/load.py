"""Load a version from disk, and remember whether it is what was registered."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import now

from monitor.events import record
from pulsar_ml.errors import BadArtefact
from pulsar_ml.serving import Scorer
from registry.errors import NotReady
from registry.models import Version


def load(version: Version, *, threads: int = 1) -> Scorer:
    """Read its files as they lie there; what is found is told once."""
    must_be_ready(version)
    try:
        scorer = Scorer(version.folder, sha256=version.sha256, threads=threads)
    except BadArtefact as error:
        _tell(version, "version.damaged", now(), reason=str(error))
        raise
    if version.damaged_at:
        _tell(version, "version.mended", None)
    return scorer


def must_be_ready(version: Version) -> None:
    """Refuse what is quarantined, whoever asks for it."""
    if version.registration != Version.Registration.READY:
        because = f": {version.reason}" if version.reason else "."
        raise NotReady(f"{version} is quarantined and never loaded{because}")


def _tell(
    version: Version, kind: str, damaged_at: datetime | None, **detail: str
) -> None:
    """Of many processes that find the same, one says so."""
    as_it_was = Version.objects.filter(
        pk=version.pk, damaged_at__isnull=damaged_at is not None
    )
    with transaction.atomic():
        if as_it_was.update(damaged_at=damaged_at):
            record(kind, about=str(version), **detail)
    version.damaged_at = damaged_at
