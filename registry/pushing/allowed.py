"""Whether models from elsewhere are taken at all."""

from django.conf import settings

from pulsar_ml.examine import alone

_OFF = "The configuration of this site does not allow it (push.allowed)."
_NOWHERE = (
    "This machine gives no process a network of its own, so that a foreign model could "
    "reach out while it is opened. Who accepts that sets push.allowed to yes."
)


def why_not() -> str:
    """Why none may be brought in; empty where one may."""
    allowed = settings.PULSAR.push.allowed
    if allowed == "no":
        return _OFF
    if allowed == "auto" and not alone.is_possible():
        return _NOWHERE
    return ""
