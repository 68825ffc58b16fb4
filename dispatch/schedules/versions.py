"""Which versions of the models a schedule can name, by alias or by number."""

from registry.models import STAGES, Alias, Model, Version

Choices = list[tuple[str, list[tuple[str, str]]]]


def offered(kept: str = "") -> Choices:
    """Aliases and fixed versions as choices, with the one that a schedule has."""
    aliases = Alias.objects.filter(model__kind=Model.Kind.CLASSIFIER)
    versions = Version.objects.filter(model__kind=Model.Kind.CLASSIFIER)
    moving = aliases.select_related("model", "version__model").order_by("model", "name")
    groups = [
        ("Whichever it is when a run starts", [_moving(alias) for alias in moving]),
        ("Always this one", [(str(v), str(v)) for v in versions.newest_first()]),
    ]
    known = {value for _, choices in groups for value, _ in choices}
    if kept and kept not in known:
        groups.append(("As it is", [(kept, kept)]))
    return [(label, choices) for label, choices in groups if choices]


def _moving(alias: Alias) -> tuple[str, str]:
    stage = STAGES.get(alias.name)
    role = f" ({stage})" if stage else ""
    return str(alias), f"{alias}{role}, now {alias.version}"
