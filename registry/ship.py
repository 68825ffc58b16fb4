"""Register the versions that come with the package."""

from pulsar_ml import serving
from registry.errors import AliasMoved
from registry.models import Alias, Version
from registry.move_alias import move_alias
from registry.register import register


def register_shipped() -> list[Version]:
    """Register what is shipped; a model without champion gets the one of its card."""
    shipped = Version.Source.SHIPPED
    versions = [register(folder, source=shipped) for folder in serving.shipped()]
    for version in versions:
        if version.source != shipped:  # registered before that was written down
            version.source = shipped
            version.save(update_fields=["source"])
        if version.card["champion"]:
            _crown(version)
    return versions


def _crown(version: Version) -> None:
    if Alias.objects.filter(model=version.model, name="champion").exists():
        return
    try:
        move_alias("champion", version, expected=None, reason="shipped as champion")
    except AliasMoved:
        pass  # two set-ups at once, and the other one was first
