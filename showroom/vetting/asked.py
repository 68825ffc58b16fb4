"""Which queue an address of the vetting page asks for."""

from typing import Any, NamedTuple

from django.core.exceptions import BadRequest
from django.http import Http404, QueryDict
from django.urls import reverse

from accounts.models import User
from showroom.forms import RowsForm
from showroom.models import Batch, Verdict
from showroom.vetting.listed import Listed
from showroom.vetting.place import Place, Queue, place
from showroom.vetting.table import Table

# What says where one is, and not of which queue.
_PLACES = ("at", "after", "before")
# No database holds larger numbers.
_DIGITS = 18


class Asked(NamedTuple):
    """An order over all that one may see or over a batch, and perhaps a filter."""

    order: str
    batch: Batch | None
    wanted: dict[str, Any]
    # Of all this, as the address has it.
    query: str

    def address(self, **more: Place) -> str:
        """The page at a place of this queue; see `_PLACES`."""
        return self._with("showroom:vet", more)

    def ahead(self) -> str:
        """What the page asks for what comes next."""
        return self._with("showroom:vet-next", {})

    def queue(self, user: User) -> Queue | None:
        """The queue for this person; a table's order takes a batch."""
        if self.order != Verdict.Order.TABLE:
            return Listed(user, self.order, self.batch)
        return Table(user, self.batch, self.wanted) if self.batch else None

    def _with(self, name: str, more: dict[str, Place]) -> str:
        query = QueryDict(self.query, mutable=True)
        query.update({key: str(value) for key, value in more.items()})
        return f"{reverse(name)}?{query.urlencode()}"


def asked(user: User, query: QueryDict) -> Asked:
    """Read an address; a batch that this person may not see is not there."""
    order = query.get("order") or Verdict.Order.UNCERTAIN
    if order not in Verdict.Order.values:
        raise BadRequest("There is no such order to judge in.")
    batch = _batch(user, query.get("batch", ""))
    wanted: dict[str, Any] = {}
    kept = QueryDict(mutable=True)
    if order == Verdict.Order.TABLE and batch:
        # Here these are places of this page; in the form, keys of a table's pages.
        filters = query.copy()
        for name in _PLACES:
            filters.pop(name, None)
        form = RowsForm(filters, batch=batch, user=user)
        if not form.is_valid():
            raise BadRequest("This address does not lead to rows of a table.")
        wanted = form.cleaned_data
        given = ((name, filters.get(name)) for name in form.fields)
        kept.update({name: value for name, value in given if value})
    kept.update({"order": order, **({"batch": str(batch.pk)} if batch else {})})
    return Asked(order, batch, wanted, kept.urlencode())


def at(query: QueryDict, name: str) -> Place | None:
    """The place that an address names for this; what is none is refused."""
    text = query.get(name, "")
    found = place(text)
    if text and not found:
        raise BadRequest("This address does not lead to a candidate.")
    return found


def _batch(user: User, text: str) -> Batch | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS:
        raise BadRequest("There is no such batch.")
    found = Batch.objects.visible_to(user).newest().filter(pk=int(text)).first()
    if found is None:
        raise Http404("There is no such batch.")
    return found
