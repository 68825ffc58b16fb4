"""The catalogue of known pulsars: brought in by version, asked about a candidate."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import now

from monitor import leases
from monitor.events import record
from pulsar_ml import psrcat, said
from pulsar_ml.candidate import Header
from pulsar_ml.catalogue import WIDE_DEG, Match, Sighting, match
from pulsar_ml.errors import BadInput
from showroom.errors import ShowroomError
from showroom.models import Catalogue, KnownPulsar

_AT_ONCE = 1_000
_LEASE_SECONDS = 300


class Answer(NamedTuple):
    """What the catalogue says of a candidate; without one, catalogue is None."""

    catalogue: Catalogue | None
    matches: list[Match]


def bring_in(content: bytes, *, source: str) -> Catalogue:
    """Import a psrcat file and use it from now on; the same bytes are kept once."""
    found = psrcat.read(content)
    with leases.hold("catalogue_import", _LEASE_SECONDS) as held:
        if not held:
            raise ShowroomError("Another import of the catalogue is under way.")
        catalogue, _ = Catalogue.objects.get_or_create(
            sha256=hashlib.sha256(content).hexdigest(),
            defaults={"version": found.version[:60], "source": source[:500]},
        )
        if not catalogue.imported_at:
            _fill(catalogue, found)
        if not catalogue.active:
            _use(catalogue)
    catalogue.refresh_from_db()
    return catalogue


def ask(seen: Sighting) -> Answer:
    """Which known pulsars the candidate may be, by the catalogue in use."""
    catalogue = Catalogue.objects.filter(active=True).first()
    if catalogue is None or seen.dec_deg is None:
        return Answer(catalogue, [])
    near = catalogue.pulsars.filter(
        dec_deg__range=(seen.dec_deg - WIDE_DEG, seen.dec_deg + WIDE_DEG)
    )
    return Answer(catalogue, match(seen, (known.pulsar for known in near)))


def seen(metadata: Mapping[str, str], of_file: Header | None = None) -> Header:
    """What is known of period, DM and position: by the raw file, else by columns."""
    return said.completed(of_file or Header(), metadata)


def _fill(catalogue: Catalogue, found: psrcat.Catalogue) -> None:
    # What an import that was killed had written.
    catalogue.pulsars.all().delete()
    rows = [
        KnownPulsar(catalogue=catalogue, **_fitting(pulsar._asdict()))
        for pulsar in found.pulsars
    ]
    for first in range(0, len(rows), _AT_ONCE):
        KnownPulsar.objects.bulk_create(rows[first : first + _AT_ONCE])
    Catalogue.objects.filter(pk=catalogue.pk).update(imported_at=now())


def _fitting(fields: dict[str, object]) -> dict[str, object]:
    for name in ("name", "b_name"):
        if len(str(fields[name])) > 40:
            raise BadInput(
                f"has a pulsar with an impossible name: {fields[name]!s:.40}"
            )
    return fields


def _use(catalogue: Catalogue) -> None:
    with transaction.atomic():
        Catalogue.objects.filter(active=True).update(active=None)
        Catalogue.objects.filter(pk=catalogue.pk).update(active=True)
        record(
            "catalogue.imported",
            about=str(catalogue),
            source=catalogue.source,
            pulsars=catalogue.pulsars.count(),
            sha256=catalogue.sha256,
        )
