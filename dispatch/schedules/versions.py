"""Which versions of the models a schedule can name, by alias or by number."""

from registry.models import STAGES, Alias, Model, Version

Choices = list[tuple[str, list[tuple[str, str]]]]


def offered(kept: str = "") -> Choices:
    """Aliases and fixed versions as choices, with the one that a schedule has."""
    aliases = Alias.objects.filter(model__kind=Model.Kind.CLASSIFIER)
    versions = Version.objects.ready().filter(model__kind=Model.Kind.CLASSIFIER)
    moving = aliases.select_related("model", "version__model").order_by("model", "name")
    # Not whole: each has a card of ten thousand characters.
    fixed = versions.order_by("model__name", "-number")
    names = [
        f"{model}/{number}"
        for model, number in fixed.values_list("model__name", "number")
    ]
    groups = [
        ("Whichever it is when a run starts", [_moving(alias) for alias in moving]),
        ("Always this one", [(name, name) for name in names]),
    ]
    known = {value for _, choices in groups for value, _ in choices}
    if kept and kept not in known:
        groups.append(("As it is", [(kept, kept)]))
    return [(label, choices) for label, choices in groups if choices]


def _moving(alias: Alias) -> tuple[str, str]:
    stage = STAGES.get(alias.name)
    role = f" ({stage})" if stage else ""
    return str(alias), f"{alias}{role}, now {alias.version}"
