"""What takes room on the site's disk, and whose it is."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, F, Max, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from showroom.models import Batch, BatchFile, Chunk, Download
from showroom.storage import disk


class Kind(NamedTuple):
    """One kind of what the site keeps, and how much of it for how long; 0: all."""

    name: str
    bytes: int
    limit: int = 0
    days: int = 0
    # Whether retention in config.yaml speaks of it at all.
    is_kept: bool = False


class Owned(NamedTuple):
    """What one person's batches take; None is the site itself."""

    owner: User | None
    batches: int
    scores: int
    uploads: int

    @property
    def bytes(self) -> int:
        return self.scores + self.uploads


def uploads(files: QuerySet[BatchFile]) -> int:
    """Bytes of those of these files that are there; the same bytes count once."""
    once = files.filter(removed_at=None).values("sha256").annotate(bytes=Max("size"))
    return once.aggregate(total=Sum("bytes"))["total"] or 0


def scores(chunks: QuerySet[Chunk]) -> int:
    """Bytes of the parts and rejects of these chunks."""
    return chunks.aggregate(total=Sum("n_bytes"))["total"] or 0


def sized(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Batches with what each takes: scores_bytes, uploads_bytes, and both as bytes."""
    of_batch = {"batch": OuterRef("pk")}
    parts = Chunk.objects.filter(**of_batch).order_by().values("batch")
    files = BatchFile.objects.filter(**of_batch, removed_at=None).order_by()
    return batches.annotate(
        scores_bytes=Coalesce(
            Subquery(parts.annotate(n=Sum("n_bytes")).values("n")), 0
        ),
        uploads_bytes=Coalesce(
            Subquery(files.values("batch").annotate(n=Sum("size")).values("n")), 0
        ),
        bytes=F("scores_bytes") + F("uploads_bytes"),
    )


def sharing(batches: Iterable[Batch], among: QuerySet[Batch]) -> set[int]:
    """Which of these batches have a file whose bytes another one has as well."""
    files = BatchFile.objects.filter(removed_at=None)
    theirs = files.filter(batch__in=[batch.pk for batch in batches])
    shared = (
        files.filter(sha256__in=theirs.values("sha256"), batch__in=among.values("pk"))
        .values("sha256")
        .annotate(n=Count("batch", distinct=True))
        .filter(n__gt=1)
        .values("sha256")
    )
    return set(theirs.filter(sha256__in=shared).values_list("batch", flat=True))


def by_kind() -> list[Kind]:
    """The whole site: sums of the database where it knows, else what the disk says."""
    root: Path = settings.PULSAR.storage.root
    kept = settings.PULSAR.retention
    prepared = Download.objects.aggregate(total=Sum("size"))["total"] or 0
    return [
        Kind("uploads", uploads(BatchFile.objects.all()), *_limits(kept.uploads)),
        Kind("scores", scores(Chunk.objects.all()), *_limits(kept.scores)),
        Kind("models", disk.size(root / "models")),
        Kind("downloads", prepared, *_limits(kept.downloads)),
        Kind("pictures", disk.size(root / "plots"), *_limits(kept.pictures)),
        Kind("databases", _databases(root)),
        Kind("temporary files", disk.size(root / "tmp") + disk.size(root / "incoming")),
    ]


def by_owner() -> list[Owned]:
    """Everybody who has a batch, the largest first; bytes of two people count twice."""
    files = BatchFile.objects.filter(removed_at=None)
    first = files.values("batch__owner", "sha256").annotate(pk_=Min("pk"))
    once = BatchFile.objects.filter(pk__in=first.values("pk_"))
    their_uploads = _by_owner(once, "size")
    their_scores = _by_owner(Chunk.objects.all(), "n_bytes")
    counts = Batch.objects.order_by().values_list("owner").annotate(n=Count("pk"))
    people = User.objects.in_bulk([pk for pk, _ in counts if pk])
    owned = (
        Owned(people.get(pk), n, their_scores.get(pk, 0), their_uploads.get(pk, 0))
        for pk, n in counts
    )
    return sorted(owned, key=lambda one: -one.bytes)


def _databases(root: Path) -> int:
    ours = [file for file in disk.beside(root) if ".sqlite3" in file.name]
    return sum(file.size for file in ours) + disk.size(root / "backups")


def _limits(kept: Any) -> tuple[int, int, bool]:
    return kept.bytes, kept.days, True


def _by_owner(rows: QuerySet[Any], field: str) -> dict[int | None, int]:
    of_batches = rows.order_by().values_list("batch__owner")
    return dict(of_batches.annotate(total=Sum(field)))
