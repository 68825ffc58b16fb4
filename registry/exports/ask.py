"""Ask for an export: one at a time, and none of nothing."""

from typing import NamedTuple

from django.db.models import Max

from accounts.models import User
from monitor import logs
from monitor.send import send
from monitor.work import State
from registry.errors import RegistryError
from registry.exports.new import new
from registry.labels.keep import patiently
from registry.models import Export, Model


class NothingToExport(RegistryError):
    """There is no label that could be given out."""


class Asked(NamedTuple):
    """The export, whether it still has to be made, and what is to be said of it."""

    export: Export
    is_coming: bool
    note: str


def ask(model: Model, *, by: User | None) -> Asked:
    """Have a worker write what is new; if nothing is, the last one is given."""
    export, note = patiently(lambda: _ask(model, by))
    if not note:
        send(export)
    return Asked(export, export.is_under_way, note)


def last(model: Model) -> Export | None:
    """The last that ended well."""
    ended = Export.objects.filter(model=model, state=State.SUCCESS)
    return ended.select_related("model", "by").order_by("-number").first()


def _ask(model: Model, by: User | None) -> tuple[Export, str]:
    exports = Export.objects.filter(model=model).select_related("model", "by")
    if coming := exports.filter(open=True).first():
        return coming, "It is being made already."
    if not new(model).exists():
        before = last(model)
        if before is None:
            raise NothingToExport("There is no label that holds.")
        return before, f"No label is new since {before}."
    # Two who ask at once take the same number, and the second looks again.
    before_number = exports.aggregate(last=Max("number"))["last"] or 0
    made = Export.objects.create(
        model=model,
        number=before_number + 1,
        by=by,
        request_id=logs.request_id.get(),
    )
    return made, ""
