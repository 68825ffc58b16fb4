"""Which labels were given out and hold no more, and the file that says so."""

import hashlib
from collections.abc import Iterator
from io import StringIO
from itertools import chain

from django.db.models import Exists, OuterRef, Q

from monitor.work import State
from pulsar_ml import safe_csv
from registry.models import Export, Exported, Label, Model
from registry.models.label import LabelQuerySet

GONE = "gone.csv"
_HEADING = ("label", "hash", "by")
_AT_ONCE = 5_000


def gone(model: Model, coming: Export | None = None) -> LabelQuerySet:
    """Those that were replaced or withdrawn since, by number.

    Of an export that is coming, too: its labels are chosen before its files are there.
    """
    given = Q(export__model=model, export__state=State.SUCCESS)
    if coming:
        given |= Q(export=coming)
    told = Exported.objects.filter(given, label=OuterRef("pk"))
    return Label.objects.gone().filter(Exists(told)).order_by("pk")


def lines(labels: LabelQuerySet) -> Iterator[str]:
    """The whole file, its heading first; of the same labels the same."""
    found = labels.values_list("pk", "hash", "person").iterator(chunk_size=_AT_ONCE)
    for cells in chain([_HEADING], found):
        line = StringIO()
        safe_csv.write(line, [cells])
        yield line.getvalue()


def is_changed(model: Model) -> bool:
    """Whether the file would not be that of the last export any more."""
    before = Export.objects.last_of(model)
    if before is None:
        return False
    digest = hashlib.sha256()
    for line in lines(gone(model)):
        digest.update(line.encode())
    told: dict[str, str] = before.manifest.get("files", {}).get(GONE, {})
    return told.get("sha256") != digest.hexdigest()
