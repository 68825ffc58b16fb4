"""What takes room on the disk."""

from django.conf import settings
from ninja import Router, Schema

from accounts.programs.needs import Needs
from accounts.requests import Request
from monitor import room
from registry.api.people import name_of
from showroom.models import Batch, BatchFile, Chunk
from showroom.storage import usage

router = Router()
_looks = Needs("showroom.view_batch")


class KindOut(Schema):
    """One kind of what is kept; a limit or days of 0 are none."""

    name: str
    bytes: int
    limit: int
    days: int


class OwnerOut(Schema):
    """What somebody's batches take; nobody are the site's own and the erased."""

    owner: str | None
    batches: int
    scores: int
    uploads: int

    @staticmethod
    def resolve_owner(owned: usage.Owned) -> str | None:
        return name_of(owned.owner)


class SiteOut(Schema):
    """All of it, in bytes."""

    free: int
    reserve: int
    kinds: list[KindOut]
    owners: list[OwnerOut]


class StorageOut(Schema):
    """What one's own batches take, in bytes; and for operators all of the site."""

    scores: int
    uploads: int
    site: SiteOut | None


@router.get("", auth=_looks, response=StorageOut)
def get_storage(request: Request) -> dict[str, object]:
    """Who would make room finds here where it is."""
    mine = Batch.objects.filter(owner=request.user)
    of_all = request.user.has_perm("showroom.change_batch")
    return {
        "scores": usage.scores(Chunk.objects.filter(batch__in=mine)),
        "uploads": usage.uploads(BatchFile.objects.filter(batch__in=mine)),
        "site": _site() if of_all else None,
    }


def _site() -> dict[str, object]:
    return {
        "free": room.free(),
        "reserve": settings.PULSAR.storage.reserve_bytes,
        "kinds": usage.by_kind(),
        "owners": usage.by_owner(),
    }
