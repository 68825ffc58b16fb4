"""The night report: one sentence, what needs somebody, and the sections."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from monitor.clock.cron import clock_zone
from monitor.report import sections
from monitor.report.night import Night
from monitor.report.sections import Need, Section

# As a person would write them.
_WORDS = ("", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
# So many needs stand in the first sentence; all of them right below it.
_TOLD = 3


@dataclass(frozen=True)
class Report:
    """A night as its page and its mail tell it."""

    night: Night
    sections: list[Section]

    @property
    def needs(self) -> list[Need]:
        """What somebody should see to, over all sections."""
        return [need for section in self.sections for need in section.needs]

    @property
    def head(self) -> str:
        """How it was, in some words: what a mail is called."""
        n = len(self.needs)
        if not n:
            return "A quiet night"
        words = _WORDS[n] if n < len(_WORDS) else str(n)
        return f"{words} thing{'s need' if n > 1 else ' needs'} you"

    @property
    def verdict(self) -> str:
        """The first sentence."""
        if self.needs:
            told = [need.said for need in self.needs[:_TOLD]]
            left = len(self.needs) - len(told)
            told.append(f"and {left} more" if left else "")
        else:
            told = [section.told for section in self.sections]
        words = sections.listed(told, "; ")
        return f"{self.head}: {words}." if words else f"{self.head}."

    @property
    def title(self) -> str:
        """Which night it is."""
        if self.night.day is None:
            return "The last 24 hours"
        return f"Night to {self.night.day:%A} {self.night.day}"

    @property
    def period(self) -> str:
        """From when to when, in the zone that is named."""
        zone = clock_zone()
        since, until = (
            at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            for at in (self.night.since, self.night.until)
        )
        return f"{since} to {until}, {zone.key or 'the zone of the clock'}"

    @property
    def page(self) -> str:
        """Where it can be read."""
        query = f"?date={self.night.day}" if self.night.day else ""
        return f"{reverse('monitor:report')}{query}"

    @property
    def address(self) -> str:
        """The same, from anywhere."""
        return absolute(self.page)


def write(night: Night) -> Report:
    """Ask every app what it knows of a night."""
    return Report(night, sections.gather(night))


def absolute(path: str) -> str:
    """The whole address of a page of ours, as a mail needs it."""
    return f"{settings.PULSAR.site.address.rstrip('/')}{path}" if path else ""
