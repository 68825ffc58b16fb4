"""Everything that is looked at, and what explains the failure of what."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from django.conf import settings

from monitor.models import Check
from monitor.probes import (
    broker,
    clock,
    databases,
    hosts,
    machine,
    outbox,
    storage,
    tick,
    workers,
)
from monitor.probes.child import Task
from monitor.probes.reading import Probe, Reading, declared


class Subject(NamedTuple):
    """Something that is looked at, as its row names it."""

    slug: str
    kind: Check.Kind
    name: str
    depends: list[str]


class Looks(NamedTuple):
    """What to look at: hosts share one process, all else has one each."""

    hosts: dict[str, hosts.Host]
    probes: dict[str, Probe]

    def only(self, slugs: Collection[str]) -> Self:
        """Those alone that are wanted."""
        return type(self)(
            {slug: host for slug, host in self.hosts.items() if slug in slugs},
            {slug: probe for slug, probe in self.probes.items() if slug in slugs},
        )

    def subjects(self) -> dict[str, Subject]:
        """All of them, in the order of the page."""
        on = {slug: _on_hosts(address) for slug, address in _addresses().items()}
        found = {
            slug: Subject(slug, Check.Kind.HOST, host.name, [])
            for slug, host in self.hosts.items()
        }
        for slug, kind, name, _, depends in self.probes.values():
            needs = [*depends, *on.get(slug, [])]
            found[slug] = Subject(slug, kind, name, needs)
        return found

    def tasks(self) -> Iterator[Task]:
        """What each process has to do."""
        deadline = settings.PULSAR.monitor.deadline_seconds
        if self.hosts:
            look = partial(hosts.look, list(self.hosts.values()), deadline)
            yield Task(list(self.hosts), look, deadline + hosts.AFTER)
        for slug, probe in self.probes.items():
            yield Task([slug], partial(_single, probe), deadline)


def gather() -> Looks:
    """Hosts of the configuration, what every site has, and what apps have declared."""
    own = [
        *databases.probes(),
        broker.probe(),
        workers.probe(),
        clock.probe(),
        tick.probe(),
        outbox.probe(),
        storage.probe(),
        machine.probe(),
        *declared.values(),
    ]
    return Looks(
        {hosts.slug(host): host for host in settings.PULSAR.monitor.hosts},
        {probe.slug: probe for probe in own},
    )


def _single(probe: Probe) -> Iterator[tuple[str, Reading]]:
    yield probe.slug, probe.look()


def _on_hosts(address: str) -> list[str]:
    """The checks of the hosts that have this address."""
    return [
        hosts.slug(host)
        for host in settings.PULSAR.monitor.hosts
        if address and _bare(host.address) == _bare(address)
    ]


def _addresses() -> dict[str, str]:
    """On which machine a server is, by the slug of its check."""
    servers = {
        f"database-{alias}": str(database.get("HOST") or "")
        for alias, database in settings.DATABASES.items()
    }
    return servers | {"broker": urlsplit(settings.PULSAR.broker.url).hostname or ""}


def _bare(address: str) -> str:
    return address.strip("[]").rstrip(".").lower()
