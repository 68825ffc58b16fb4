"""Ask for an export: one at a time, and none of nothing."""

from typing import NamedTuple

from django.db.models import Max

from accounts.models import User
from monitor import logs
from monitor.send import send
from registry.errors import RegistryError
from registry.exports.gone import is_changed
from registry.exports.new import new
from registry.labels.keep import patiently
from registry.labels.land import settle_all
from registry.models import Export, Model


class NothingToExport(RegistryError):
    """There is nothing that an export could tell."""


class Asked(NamedTuple):
    """The export, whether it still has to be made, and what is to be said of it."""

    export: Export
    is_coming: bool
    note: str


def ask(model: Model, *, by: User | None) -> Asked:
    """Have a worker write what is new or gone; if nothing is, the last one is given."""
    # Until then what a file has replaced looks as if it held.
    settle_all()
    export, note = patiently(lambda: _ask(model, by))
    if not note:
        send(export)
    return Asked(export, export.is_under_way, note)


def is_due(model: Model) -> bool:
    """Whether there is something that no export of a model has told yet."""
    return new(model).exists() or is_changed(model)


def _ask(model: Model, by: User | None) -> tuple[Export, str]:
    exports = Export.objects.filter(model=model).select_related("model", "by")
    if coming := exports.filter(open=True).first():
        return coming, "It is being made already."
    if not is_due(model):
        before = Export.objects.last_of(model)
        if before is None:
            raise NothingToExport("There is no label to give out yet.")
        return before, f"No label is new, withdrawn or restored since {before}."
    # Two who ask at once take the same number, and the second looks again.
    before_number = exports.aggregate(last=Max("number"))["last"] or 0
    made = Export.objects.create(
        model=model,
        number=before_number + 1,
        by=by,
        request_id=logs.request_id.get(),
    )
    return made, ""
