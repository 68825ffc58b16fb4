"""How often a model in production was right, as far as anybody has said."""

from datetime import datetime

from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from accounts.programs.needs import Needs
from accounts.requests import Request
from registry.api.given import Slug
from registry.models import Model
from showroom.audits.figures import Figures, figures
from showroom.corrections.hits import Hits, hits

router = Router()
_looks = Needs("registry.view_version")


class Share(Schema):
    """A share, with its 95 % interval."""

    value: float
    low: float
    high: float


class AuditedOut(Schema):
    """What a random sample of rows says, which people have judged."""

    # So many are judged of so many that chance has picked.
    n: int
    drawn: int
    hit_rate: Share | None = None
    precision: Share | None = None
    recall: Share | None = None
    # Why shares are lacking; None where there are all.
    too_few: str | None


class OfVersion(Schema):
    """The same of one version."""

    version: str
    # When it first came into production.
    since: datetime
    all: int
    errors: int
    assertivity: float | None
    audited: AuditedOut


class Health(Schema):
    """What was served, how much of it was corrected, and the share that was not."""

    model: str
    # When the first version of it came into production.
    since: datetime | None
    all: int
    errors: int
    # None where nothing was served.
    assertivity: float | None
    # Of the version that is in production now; None where none is.
    audited: AuditedOut | None
    versions: list[OfVersion]


@router.get("/{name}", auth=_looks, response=Health)
def get_model_health(request: Request, name: Slug) -> Health:
    """Of the versions that are or were in production: what they told programs."""
    model = get_object_or_404(Model, name=name)
    found = hits(model)
    champion = model.versions.filter(aliases__name="champion").first()
    asked = [one.version for one in found] + ([champion] if champion else [])
    audited = {one.version.pk: one for one in figures(asked)}
    every = sum(one.n for one in found)
    errors = sum(one.n_errors for one in found)
    return Health(
        model=model.name,
        since=min((one.since for one in found), default=None),
        all=every,
        errors=errors,
        assertivity=_share(every, errors),
        audited=_audited(audited[champion.pk]) if champion else None,
        versions=[_of_version(one, audited[one.version.pk]) for one in found],
    )


def _of_version(one: Hits, audited: Figures) -> OfVersion:
    return OfVersion(
        version=str(one.version),
        since=one.since,
        all=one.n,
        errors=one.n_errors,
        assertivity=_share(one.n, one.n_errors),
        audited=_audited(audited),
    )


def _audited(found: Figures) -> AuditedOut:
    shares = {
        name: Share(**estimate._asdict())
        for name in ("hit_rate", "precision", "recall")
        if (estimate := getattr(found.audited, name, None))
    }
    return AuditedOut(
        n=found.n, drawn=found.n_drawn, too_few=found.too_few or None, **shares
    )


def _share(every: int, errors: int) -> float | None:
    return 1 - errors / every if every else None
