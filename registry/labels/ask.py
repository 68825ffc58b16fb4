"""Ask for labels to be brought in from a file."""

from accounts.models import User
from registry.datasets import ask as building
from registry.datasets.ask import Brought
from registry.models import Build

# What the file is called in the build's folder.
FILE = "data"


def ask(
    file: Brought, *, survey: str, person: User, by: User | None, send_it: bool = True
) -> Build:
    """Keep the file and have a worker read it; `person` said what it holds."""
    return building.ask(
        Build.Kind.LABELS,
        name=file.name,
        order={"survey": survey, "person": person.pk},
        files={FILE: file},
        by=by,
        send_it=send_it,
    )
