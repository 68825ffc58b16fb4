"""The connections that config.yaml names."""

from typing import Any, NamedTuple

from django.conf import settings

from registry.errors import NoConnection

# What a driver needs to end a statement, or to say that it did.
_SLACK = 10
# How drivers call what people want to know of a place.
_HOSTS = ("SERVER", "SERVERNAME", "HOST")
_DATABASES = ("DATABASE", "DB", "DBNAME")


class Connection(NamedTuple):
    """A database that may be read, or written too."""

    name: str
    # Its entry of config.yaml.
    entry: Any
    password: str

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written."""
        return bool(self.entry.read_only)

    @property
    def silence(self) -> float:
        """So many seconds may it say nothing: it connects, then a statement runs."""
        return float(self.entry.connect_seconds + self.entry.statement_seconds + _SLACK)

    def words(self) -> str:
        """What it is, for people; of its options no more than where it leads."""
        entry = self.entry
        if entry.file:
            return f"the SQLite file {entry.file}"
        way = entry.driver or f"the data source {entry.dsn}"
        host, database = (
            _first(entry.options, _HOSTS),
            _first(entry.options, _DATABASES),
        )
        at = f" at {host}" if host else ""
        of = f", database {database}" if database else ""
        by = f", as {entry.user}" if entry.user else ""
        return f"{way}{at}{of}{by}"

    def target(self, *, read_only: bool) -> dict[str, Any]:
        """What the child is told; nothing is written where config.yaml forbids it."""
        entry = self.entry
        return {
            "name": self.name,
            "driver": entry.driver,
            "dsn": entry.dsn,
            "file": str(entry.file or ""),
            "options": dict(entry.options),
            "user": entry.user,
            "password": self.password,
            "read_only": read_only or self.read_only,
            "connect_seconds": entry.connect_seconds,
            "statement_seconds": entry.statement_seconds,
        }


def names() -> list[str]:
    """What they are called, as they stand in config.yaml."""
    return [entry.name for entry in settings.PULSAR.connections]


def find(name: str) -> Connection:
    """The connection of this name; a `NoConnection` in words."""
    for entry in settings.PULSAR.connections:
        if entry.name == name:
            return Connection(name, entry, settings.CONNECTION_PASSWORDS.get(name, ""))
    there = ", ".join(names()) or "none"
    raise NoConnection(
        f"There is no connection “{name}” in config.yaml; there are: {there}."
    )


def _first(options: dict[str, str], wanted: tuple[str, ...]) -> str:
    known = {name.strip().upper(): text for name, text in options.items()}
    return next((known[name] for name in wanted if name in known), "")
