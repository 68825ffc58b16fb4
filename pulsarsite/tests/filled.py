"""A running site with a little of everything in it, for whoever looks at all pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import eventually
from pulsarsite.tests.site import PASSWORD, Site, running_site

# The last that a worker may still be at.
_STOPPED = "select 1 from registry_trainingrun where id = 2 and state = 'cancelled'"
# Nobody listens there, so that there is something to see.
_ARCHIVE = {"name": "archive", "address": "127.0.0.1", "port": 9}


@contextmanager
def filled_site(
    folder: Path, port: int, *, inside: tuple[str, ...] = ()
) -> Iterator[Site]:
    """Start a site and fill it."""
    config = {
        # What is long elsewhere: a download by a worker, a table of several pages.
        "showroom": {"download_rows": 2000, "page_rows": 12},
        "connections": [{"name": "survey", "file": "survey.sqlite"}],
        "monitor": {"hosts": [_ARCHIVE], "refresh_seconds": 3600},
    }
    with running_site(folder, port, inside=inside, **config) as site:
        fill = f"from pulsarsite.tests.filling import fill\nfill({PASSWORD!r})"
        site.manage("shell", "-v0", "-c", fill)
        eventually(lambda: site.ask(_STOPPED), within=120)
        yield site
