"""Classify the files of a batch once more, by any version."""

from typing import NamedTuple

from accounts.models import User
from registry.models import Model, Version
from showroom.errors import NoRoom, ShowroomError
from showroom.models import Batch, BatchFile
from showroom.receive import Stored
from showroom.start import start
from showroom.storage.gone import touch
from showroom.storage.quota import why_not

# Nobody chooses among more; the champion is offered however old it is.
_OFFERED = 100


class Offer(NamedTuple):
    """The versions that may classify a batch's files: new to them, and not."""

    fresh: list[Version]
    used: list[Version]


def again(
    batch: Batch,
    version: Version,
    *,
    by: User,
    private: bool = False,
    blind: bool = False,
) -> Batch:
    """Make another batch of the same files, under the names that they had."""
    touch(batch)
    if reason := obstacle(batch):
        raise ShowroomError(reason)
    if reason := why_not():
        raise NoRoom(reason)
    files = [
        Stored(file.name, file.sha256, file.size)
        for file in batch.files.order_by("position")
    ]
    # What was kept from others is not shown to them by a detour.
    hidden = private or batch.private
    return start(
        files,
        owner=by,
        private=hidden,
        blind=blind,
        version=version,
        again_of=batch,
    )


def obstacle(batch: Batch) -> str:
    """Why the batch's files cannot be classified again; empty where they can."""
    if batch.day:
        return "Single cases have no files that could be classified again."
    gone = [file for file in batch.files.order_by("position") if not _is_there(file)]
    if not gone:
        return ""
    others = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    return (
        f"The site no longer has {gone[0].name}{others}. To classify this again, "
        "upload it again."
    )


def siblings(batch: Batch, *, to: User) -> list[Batch]:
    """The other batches of the same bytes that this person may see, newest first."""
    same = Batch.objects.visible_to(to).same_input(batch.input_sha256)
    return list(same.exclude(pk=batch.pk).newest())


def offer(used_in: list[Batch]) -> Offer:
    """What may classify the files that these batches are of."""
    used = {batch.version_id for batch in used_in}
    every = Version.objects.ready().filter(model__kind=Model.Kind.CLASSIFIER)
    every = every.newest_first()
    found = list(every[:_OFFERED])
    seldom = every.filter(aliases__name="champion") | every.filter(pk__in=used)
    known = {version.pk for version in found}
    found += [version for version in seldom.distinct() if version.pk not in known]
    return Offer(
        [version for version in found if version.pk not in used],
        [version for version in found if version.pk in used],
    )


def _is_there(file: BatchFile) -> bool:
    # The disk is asked and not the note of a removal: an upload of the same bytes
    # brings them back.
    return file.path.exists()
