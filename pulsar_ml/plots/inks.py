"""The colours of plots on a light and on a dark ground, those of the site's tokens."""

from typing import NamedTuple


class Inks(NamedTuple):
    """Colours as ``#rrggbb``; `ground` is drawn only where a picture needs one."""

    ground: str
    text: str
    faint: str
    frame: str
    grid: str
    curve: str
    mark: str
    best: str


INKS = {
    "light": Inks(
        ground="#ffffff",
        text="#181c25",
        faint="#626b7b",
        frame="#7c8595",
        grid="#e1e5eb",
        curve="#2f4fc9",
        mark="#b3261e",
        best="#b3261e",
    ),
    "dark": Inks(
        ground="#161a21",
        text="#e6e9ef",
        faint="#929bab",
        frame="#667082",
        grid="#272d38",
        curve="#93a9ff",
        mark="#ff9c94",
        best="#ff9c94",
    ),
}
