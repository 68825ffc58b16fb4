"""Ask for a comparison: put on record once, and sent."""

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import User
from monitor import logs
from monitor.events import record
from monitor.send import send
from monitor.work import Queue, State
from registry.errors import CannotCompare
from registry.gate import rows
from registry.gate.inputs import Inputs, inputs
from registry.gate.latest import between
from registry.load import must_be_ready
from registry.models import Comparison, Dataset, Version

# Rows that take some ten seconds to judge.
_LONG = 100_000


def ask(
    candidate: Version,
    champion: Version,
    *,
    dataset: Dataset | None = None,
    by: User | None = None,
    at_once: bool = True,
) -> Comparison:
    """Have them compared; with the same inputs the comparison that is there is given.

    A worker gets it, unless the caller works on it itself.
    """
    if candidate.pk == champion.pk:
        raise CannotCompare(f"{candidate} cannot be held against itself.")
    for version in (candidate, champion):
        must_be_ready(version)
    wanted = inputs(candidate, champion, dataset or rows.chosen(candidate, champion))
    comparison, is_new = _find_or_make(wanted, by)
    if is_new and at_once:
        send(comparison)
    return comparison


@transaction.atomic
def _find_or_make(wanted: Inputs, by: User | None) -> tuple[Comparison, bool]:
    # Two who ask at once queue here, and the second finds what the first has made.
    Version.objects.select_for_update().get(pk=wanted.candidate.pk)
    holds = Q(state=State.SUCCESS) | Q(
        pk__in=Comparison.objects.under_way().filter(cancel_requested=False)
    )
    same = between(wanted.candidate, wanted.champion)
    known = same.filter(holds, inputs_sha256=wanted.sha256).first()
    return (known, False) if known else (_make(wanted, by), True)


def _make(wanted: Inputs, by: User | None) -> Comparison:
    comparison = Comparison.objects.create(
        candidate=wanted.candidate,
        champion=wanted.champion,
        dataset=wanted.dataset,
        inputs_sha256=wanted.sha256,
        queue=_queue(wanted.dataset),
        by=by,
        sent_at=now(),
        request_id=logs.request_id.get(),
    )
    record(
        "comparison.requested",
        about=str(comparison),
        who=by,
        candidate=str(wanted.candidate),
        champion=str(wanted.champion),
        dataset=str(wanted.dataset) if wanted.dataset else None,
    )
    return comparison


def _queue(dataset: Dataset | None) -> Queue:
    """Seconds of work need not wait for a training of hours."""
    is_long = dataset is not None and dataset.n_rows > _LONG
    return Queue.HEAVY if is_long else Queue.INTERACTIVE
