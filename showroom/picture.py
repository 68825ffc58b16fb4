"""A candidate's plots as one picture, drawn once and kept where there is room."""

from contextlib import suppress
from pathlib import Path
from typing import Literal

from django.conf import settings

from monitor import room
from pulsar_ml import plots
from pulsar_ml.place import placed
from showroom.raw import Raw

Theme = Literal["light", "dark"]
Format = Literal["png", "svg"]

# Of a picture that fills a page, and of one in a gallery.
WHOLE, SMALL = 1100, 560


def picture(
    raw: Raw,
    theme: Theme,
    width: int = WHOLE,
    format: Format = "png",  # noqa: A002  # as of pulsar_ml.plots.render
) -> bytes:
    """The picture; its file is named after what it shows, so it is never outdated."""
    folder: Path = settings.PULSAR.storage.root / "plots"
    size = "" if width == WHOLE else f"-{width}"
    path = folder / f"{raw.digest}-{theme}{size}.{format}"
    with suppress(FileNotFoundError):
        return path.read_bytes()
    candidate = raw.open()
    drawn = plots.render(
        candidate.panels(),
        candidate.header,
        theme=theme,
        format=format,
        width_px=width,
    )
    _keep(path, drawn)
    return drawn


def _keep(path: Path, drawn: bytes) -> None:
    """On a full disk nothing is kept, and it is drawn again the next time."""
    try:
        room.check()
        path.parent.mkdir(exist_ok=True)
        with placed(path) as unfinished:
            unfinished.write_bytes(drawn)
    except OSError as error:
        if not room.is_lacking(error):
            raise
