"""Make a version of a foreign model that has passed everything."""

import hashlib
from pathlib import Path
from typing import Any

from monitor import claims, crash
from monitor.work import State
from pulsar_ml import artefact
from pulsar_ml.examine import order
from registry.errors import CannotPush
from registry.models import Push, Version
from registry.register import register


def finish(push: Push, folder: Path, findings: list[dict[str, Any]]) -> Version | None:
    """The version; None if another worker has taken the push over meanwhile."""
    made = folder / order.ARTEFACT
    if made.is_dir():
        # The child made the rest, but the model is the very file that came.
        model = (made / artefact.MODEL).read_bytes()
        if hashlib.sha256(model).hexdigest() != push.sha256:
            raise CannotPush("What the child left is not the model that came.")
    else:
        made = folder / order.MODEL
    version = register(made, by=push.by, source=Version.Source.PUSHED)
    crash.at("push.registered")
    closed = claims.close(push, State.SUCCESS, version=version, findings=findings)
    return version if closed else None
