"""Databases of a test as connections of the site."""

from pathlib import Path

from pulsarsite.schema_connections import Connection


def connected(settings, *engines, read_only: bool = False, **given: object) -> None:
    """Name each database as config.yaml would: by the name of its kind."""
    entries, passwords = [], {}
    for engine in engines:
        target = engine.target()
        way = {key: target[key] for key in ("driver", "options", "user")}
        way |= {"file": Path(target["file"])} if target["file"] else {}
        entries.append(Connection(name=engine.name, read_only=read_only, **way | given))
        passwords[engine.name] = target["password"]
    settings.CONNECTION_PASSWORDS = passwords
    settings.PULSAR = settings.PULSAR.model_copy(update={"connections": tuple(entries)})
