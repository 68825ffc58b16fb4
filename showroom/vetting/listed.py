"""The queues over single rows: of the shortlists by score, of the audit sample."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from accounts.models import User
from monitor.work import State
from showroom.models import Batch, Candidate, DrawnRow, Verdict
from showroom.vetting.place import Left, Place

# Each with the column that it goes by; all stand in an index of their own.
ORDERS = {
    Verdict.Order.UNCERTAIN: "margin",
    Verdict.Order.SCORE: "-probability",
    Verdict.Order.AUDIT: "drawn__place",
}
# Nobody plans by more; and to count them all would take longer than the page.
COUNTED = 1_000


class Listed:
    """What one person has not judged yet of a queue, or of one batch's part of it."""

    def __init__(self, user: User, order: str, batch: Batch | None = None) -> None:
        self.user = user
        self.batch = batch
        self.order = order
        column = ORDERS[Verdict.Order(order)]
        self.column, self.down = column.removeprefix("-"), column.startswith("-")

    def following(self, place: Place | None, most: int) -> list[Place]:
        """The next by key: behind the column's value, and level with it by number."""
        found = waiting(self.user, self.batch, self.order)
        key = self._key(place) if place else None
        if key:
            found = found.filter(self._beyond(key, down=self.down))
        return _places(found.order_by(self._by(down=self.down), "pk"), most)

    def preceding(self, place: Place) -> Place | None:
        """The one before it, read from there backwards."""
        key = self._key(place)
        if key is None:
            return None
        found = _of(self.batch, _queue(self.user, self.order))
        found = found.filter(self._beyond(key, down=not self.down, back=True))
        by = found.order_by(self._by(down=not self.down), "-pk")
        return next(iter(_places(by, 1)), None)

    def left(self) -> Left:
        """How many; of very many only that they are."""
        return count(self.user, self.batch, self.order)

    def _key(self, place: Place) -> tuple[float, int] | None:
        there = Candidate.objects.filter(batch=place.batch, row=place.row)
        # What was not drawn has no place in the audit sample.
        keyed = there.filter(**{f"{self.column}__isnull": False})
        return keyed.values_list(self.column, "pk").first()

    def _beyond(self, key: tuple[float, int], *, down: bool, back: bool = False) -> Q:
        value, number = key
        way, side = "lt" if down else "gt", "lt" if back else "gt"
        further = Q(**{f"{self.column}__{way}": value}) | Q(**{f"pk__{side}": number})
        # Two steps: by the first one the index passes over what lies before.
        return Q(**{f"{self.column}__{way}e": value}) & further

    def _by(self, *, down: bool) -> str:
        return f"-{self.column}" if down else self.column


def shown(user: User) -> QuerySet[Candidate]:
    """All shortlisted of the finished batches that this person may see."""
    batches = Batch.objects.visible_to(user)
    # The day's batch of single cases ends at night; what is listed of it, is listed.
    ended = batches.filter(Q(state=State.SUCCESS) | Q(day__isnull=False))
    # Asked of each candidate in turn: with a list of batches the database would read
    # and sort all candidates of theirs, where an index has them in order.
    seen = Exists(ended.filter(pk=OuterRef("batch")))
    return Candidate.objects.exclude(shortlisted="").filter(seen)


def unjudged(candidates: QuerySet[Candidate], user: User) -> QuerySet[Candidate]:
    """Those of which this person says nothing, nor of the same features elsewhere."""
    same = Verdict.objects.current().filter(person=user, hash=OuterRef("hash"))
    return candidates.filter(~Exists(same))


def drawn(user: User) -> QuerySet[Candidate]:
    """The audit sample of now, as far as this person may see its batches."""
    since = now() - timedelta(days=settings.PULSAR.audit.days)
    of_now = DrawnRow.objects.counted(since)
    seen = Batch.objects.visible_to(user).filter(pk=OuterRef("batch"))
    return Candidate.objects.filter(Exists(seen), drawn__in=of_now)


def waiting(user: User, batch: Batch | None, order: str) -> QuerySet[Candidate]:
    """What of a queue waits for this person."""
    found = _of(batch, _queue(user, order))
    if order != Verdict.Order.AUDIT:
        return unjudged(found, user)
    # One word on each is enough: nobody need repeat what another has said.
    said = Verdict.objects.current().filter(candidate=OuterRef("pk"))
    return found.filter(~Exists(said))


def count(
    user: User, batch: Batch | None = None, order: str = Verdict.Order.UNCERTAIN
) -> Left:
    """How many wait for this person, as far as they are counted."""
    n = waiting(user, batch, order).order_by()[: COUNTED + 1].count()
    return Left(min(n, COUNTED), more=n > COUNTED)


def _queue(user: User, order: str) -> QuerySet[Candidate]:
    return drawn(user) if order == Verdict.Order.AUDIT else shown(user)


def _of(batch: Batch | None, candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return candidates.filter(batch=batch) if batch else candidates


def _places(candidates: QuerySet[Candidate], most: int) -> list[Place]:
    found = candidates.values_list("batch", "row")[:most]
    return [Place(*pair) for pair in found]
