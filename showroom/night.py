"""What was classified in a night: counts, new candidates, and what was no use."""

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse

from monitor.report.night import Night
from monitor.report.sections import Cell, Row, Section, Table, count
from monitor.work import State
from showroom.models import Batch, Candidate, Verdict
from showroom.models.batch import BatchQuerySet

SHOWN, REASONS = 6, 4
# Rejects are looked into so far: a report is not worth more of the disk's time.
BATCHES_READ = 20
FILES_READ = 60
PRIVATE = "Private batches are not counted here, and none of their rows is named."


def candidates(night: Night) -> Section:
    """How many rows were scored, and which of the new candidates stand highest."""
    batches = _ended(night)
    sums = batches.aggregate(
        n=Count("pk"),
        rows=Sum("n_scored", default=0),
        pulsars=Sum("n_pulsars", default=0),
    )
    new = Candidate.objects.filter(batch__in=batches).exclude(shortlisted="")
    listed = new.count()
    judged = Verdict.objects.current().filter(at__gte=night.since, at__lt=night.until)
    rows = [_row(one) for one in _highest(new)]
    return Section(
        "New candidates",
        reverse("showroom:index"),
        told=_told(sums["rows"], sums["pulsars"]),
        facts=(
            ("Batches", sums["n"]),
            ("Rows scored", sums["rows"]),
            ("Above the threshold", sums["pulsars"]),
            ("New on shortlists", listed),
            ("Verdicts given", judged.filter(candidate__batch__private=False).count()),
        ),
        table=Table(_HEAD, rows, frozenset({"Score"}), _more(listed)) if rows else None,
        note=PRIVATE,
        empty="No batch put a candidate on its shortlist.",
    )


def rejects(night: Night) -> Section:
    """How many rows could not be used, and why most of them could not."""
    batches = _ended(night, State.SUCCESS, State.FAILED)
    with_some = batches.filter(n_rejected__gt=0).order_by("-n_rejected", "pk")
    sums = with_some.aggregate(n=Count("pk"), rows=Sum("n_rejected", default=0))
    read = list(with_some[:BATCHES_READ])
    rows, note = _reasons(read)
    if sums["n"] > len(read):
        note = f"Reasons are those of the {len(read)} batches with the most. {note}"
    return Section(
        "Rejects",
        facts=(("Rows", sums["rows"]), ("Batches with some", sums["n"]))
        if read
        else (),
        table=Table(("Why", "Rows"), rows, frozenset({"Rows"})) if rows else None,
        note=note.strip(),
        empty="Every row could be used." if not read else "",
    )


_HEAD = ("Candidate", "Score", "Batch", "Why it is listed")


def _ended(night: Night, *states: State) -> BatchQuerySet:
    """What came to its end in this night and everybody may see."""
    found: BatchQuerySet = Batch.objects.filter(
        state__in=states or [State.SUCCESS],
        finished_at__gte=night.since,
        finished_at__lt=night.until,
        private=False,
        deleted_at=None,
    )
    return found


def _highest(new: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """The first by score; looked for in the index, and then read."""
    by_score = new.order_by("-probability", "pk")
    numbers = list(by_score.values_list("pk", flat=True)[:SHOWN])
    return Candidate.objects.filter(pk__in=numbers).order_by("-probability", "pk")


def _told(rows: int, above: int) -> str:
    if not rows:
        return "nothing was classified"
    return count(above, "new candidate")


def _row(candidate: Candidate) -> Row:
    name = candidate.short_name or f"row {candidate.row}"
    batch = reverse("showroom:batch", args=[candidate.batch_id])
    return (
        Cell(name, candidate.get_absolute_url()),
        Cell(f"{candidate.probability:.4f}"),
        Cell(str(candidate.batch_id), batch),
        Cell(candidate.get_shortlisted_display()),
    )


def _more(listed: int) -> str:
    return f"and {listed - SHOWN} more on shortlists" if listed > SHOWN else ""


def _reasons(batches: list[Batch]) -> tuple[list[Row], str]:
    """The commonest reasons; or that they cannot be read just now."""
    from showroom.rows.refused import reasons  # noqa: PLC0415  # DuckDB is slow

    try:
        return [_reason(*found) for found in reasons(batches, REASONS, FILES_READ)], ""
    except OSError:
        return [], "The reasons cannot be read: a stored file is missing or damaged."


def _reason(column: str, words: str, n: int) -> Row:
    return Cell(f"{column}: {words}" if column else words), Cell(n)
