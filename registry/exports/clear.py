"""Remove what there is of exports that have not ended well."""

import shutil

from django.db.models import Exists, OuterRef

from monitor.work import ENDED, State
from registry.models import Export, Exported

# What a folder is called until all its files are there.
COMING = ".writing-"
_AT_ONCE = 1_000


def clear(export: Export) -> None:
    """Its files, and what was chosen for it: these labels are new again."""
    coming = export.folder.parent.glob(f"{COMING}{export.number}-*")
    for path in (export.folder, *coming):
        shutil.rmtree(path, ignore_errors=True)
    chosen = Exported.objects.filter(export=export).values_list("pk", flat=True)
    while block := list(chosen[:_AT_ONCE]):
        Exported.objects.filter(pk__in=block).delete()


def clear_ended() -> None:
    """Of those that somebody has cancelled or the sweep has given up."""
    rows = Exported.objects.filter(export=OuterRef("pk"))
    ended = Export.objects.filter(state__in=ENDED).exclude(state=State.SUCCESS)
    chosen = set(ended.filter(Exists(rows)).values_list("pk", flat=True))
    for export in ended.select_related("model"):
        if export.pk in chosen or export.folder.exists():
            clear(export)
