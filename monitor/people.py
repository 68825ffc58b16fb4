"""Events know people by number, so that a person can be erased; pages show names."""

from collections.abc import Iterable

from accounts.models import User
from accounts.privacy import places
from monitor.models import Happening, Skip, Switch


def names(events: Iterable[Happening | Switch | Skip]) -> dict[str, str]:
    """The names of those who did something, by the number in the events."""
    return by_number(event.who for event in events)


def by_number(given: Iterable[str]) -> dict[str, str]:
    """The names of people by their numbers; what is no number names nobody."""
    numbers = {number for number in given if number.isdecimal()}
    found = User.objects.filter(pk__in=numbers).values_list("pk", "username")
    return {str(number): name for number, name in found}


def number(name: str) -> str:
    """The number of whoever has this name; of somebody erased, the number itself."""
    found = User.objects.filter(username=name).values_list("pk", flat=True).first()
    if found is not None:
        return str(found)
    return name if name.isdecimal() else ""


def declare_places() -> None:
    """Where numbers of people stay, of whom nobody can tell then who they were."""
    for column in (
        "Alert.acknowledged_by",
        "Alert.closed_by",
        "Event.who",
        "Outbox.who",
        "Skip.who",
        "Start.by",
        "Switch.who",
    ):
        places.declare(f"monitor.{column}", places.Holds.NUMBER)
    # What a channel is for others is an admin's matter: that it writes to the person
    # is told, and it stays.
    places.declare("monitor.Channel.address", places.Holds.ADDRESS)
