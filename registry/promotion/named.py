"""The model that a person names."""

from registry.errors import NoSuchVersion
from registry.models import Model


def named(name: str) -> Model:
    """By its name; words where there is none."""
    found = Model.objects.filter(name=name).first()
    if found is None:
        raise NoSuchVersion(f"There is no model {name}.")
    return found
