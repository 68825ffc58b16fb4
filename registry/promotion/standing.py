"""Which version an alias names now, for whoever is about to move it."""

from pulsar_ml.errors import BadArtefact
from registry.errors import NotReady
from registry.load import load
from registry.models import Alias, Model, Version


def standing(model: Model, alias: str) -> Version | None:
    """Asked of the database, whatever a process has in memory."""
    named = Version.objects.select_related("model")
    return named.filter(aliases__model=model, aliases__name=alias).first()


def ways_back() -> list[tuple[Version, Version]]:
    """Of each model that can be rolled back, from which version to which."""
    named = Alias.objects.select_related("model", "version__model")
    found = {(each.model.name, each.name): each.version for each in named}
    pairs = [
        (version, found.get((model, "rollback")))
        for (model, name), version in sorted(found.items(), key=lambda one: one[0])
        if name == "champion"
    ]
    return [(now, before) for now, before in pairs if before and before != now]


def must_answer(version: Version) -> None:
    """Refuse what could not be loaded: all requests would fail by it."""
    try:
        load(version)
    except BadArtefact as error:
        raise NotReady(f"{version} cannot answer. {error}") from error
