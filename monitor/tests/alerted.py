"""What the tests of alerts share: a small watched world that moves minute by minute."""

from datetime import UTC, datetime, timedelta

from monitor.alerts.watch import watch
from monitor.models import Alert, Check, Flip, Rule, Sample

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def minutes(number: float) -> datetime:
    """A moment, counted from noon."""
    return NOON + timedelta(minutes=number)


def check(slug: str, state: str = "up", *, since: float = -600, **values) -> Check:
    """Something that was looked at just now, in a state since some minute."""
    kind = slug.partition("-")[0]
    given = {"state": state, "since": minutes(since), "looked_at": minutes(0)}
    return Check.objects.create(slug=slug, kind=kind, name=slug, **(given | values))


def turn(slug: str, state: str, at: float) -> None:
    """A look finds it in another state."""
    subject = Check.objects.get(slug=slug)
    Flip.objects.create(subject=subject, at=minutes(at), was=subject.state, state=state)
    found = {"state": state, "since": minutes(at), "looked_at": minutes(at)}
    Check.objects.filter(slug=slug).update(**found)


def pass_by(begin: int, end: int) -> None:
    """Minutes in which everything is looked at, and found as it is."""
    for minute in range(begin, end + 1):
        Check.objects.update(looked_at=minutes(minute))
        watch(minutes(minute))


def rule(condition: str = "down", **values) -> Rule:
    """A rule, of everything and at once if nothing else is said."""
    return Rule.objects.create(**({"name": "A rule", "condition": condition} | values))


def measured(name: str, at: float, value: float, **labels: str) -> None:
    """A figure had this value."""
    Sample.objects.create(name=name, at=minutes(at), value=value, labels=labels)


def live() -> dict[str, str]:
    """The state of each live alert, by its cause."""
    return dict(Alert.objects.filter(live=True).values_list("cause", "state"))
