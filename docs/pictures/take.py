"""Take the pictures of docs/pages.md and of README.md, and write docs/pages.md.

    bin/pictures

On a site that is made for it, with nothing in it but made-up candidates. A picture that
looks as before is left alone, so that only what has changed is there to be committed.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parents[2]))

from conftest import free_port
from pulsarsite.tests.filled import filled_site
from pulsarsite.tests.site import browser, log_in
from pulsarsite.tests.tour import STRANGERS, picture, plan

PICTURES = Path(__file__).parent
PAGES = PICTURES.parent / "pages.md"
THEMES = ("light", "dark")
WIDTH, LEAST, MOST = 1280, 500, 900
QUALITY = 45
# Of the pixels; times of day and ages are never the same.
ALIKE = 0.01
HEAD = """# Every page

As an admin sees them on a site with a few made-up candidates, in the theme that your
browser asks for. `bin/pictures` takes all of them anew, on a site of its own, and
writes this file; a test fails when a page is missing here.
"""
APPS = {
    "": "Everybody",
    "accounts": "Accounts",
    "api": "Programs",
    "admin": "People",
    "showroom": "Showroom",
    "dispatch": "Dispatch",
    "registry": "Registry",
    "monitor": "Monitor",
}


def main() -> None:
    """Take all of them."""
    with (
        TemporaryDirectory() as folder,
        filled_site(Path(folder), free_port()) as site,
        browser(site) as page,
    ):
        page.set_viewport_size({"width": WIDTH, "height": MOST})
        titles = {name: take(page, name, to) for name, to in STRANGERS.items()}
        log_in(page, "ada")
        page.wait_for_url(f"{site.url}/")
        pages = plan(page).pages
        titles |= {name: take(page, name, to) for name, to in pages.items()}
    PAGES.write_text("\n".join(lines(titles, STRANGERS | pages)))
    shown = {picture(name, theme) for name in titles for theme in THEMES}
    for path in PICTURES.glob("*.webp"):
        if path.name not in shown:
            path.unlink()


def take(page: Page, name: str, address: str) -> str:
    """Take a page in both themes; what it is called."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.goto(address, wait_until="networkidle")
        page.wait_for_function("() => !document.querySelector('[data-drawn=\"\"]')")
        height = page.evaluate("document.body.scrollHeight")
        size = {"width": WIDTH, "height": min(max(height, LEAST), MOST)}
        keep(
            page.screenshot(full_page=True, clip={"x": 0, "y": 0, **size}), name, theme
        )
    return page.title().rpartition(" · ")[0] or page.title()


def keep(taken: bytes, name: str, theme: str) -> None:
    """Keep a picture if it is another one than before."""
    path = PICTURES / picture(name, theme)
    image = Image.open(BytesIO(taken)).convert("RGB")
    if not (path.exists() and alike(image, Image.open(path).convert("RGB"))):
        image.save(path, quality=QUALITY, method=6)


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether nobody would tell them apart at a glance."""
    if one.size != other.size:
        return False
    differing = ImageChops.difference(one, other).convert("L").point(lambda n: n > 48)
    return differing.histogram()[1] < ALIKE * one.width * one.height


def lines(titles: dict[str, str], pages: dict[str, str]) -> Iterator[str]:
    """The document: each app with its pages."""
    yield HEAD
    for app, title in APPS.items():
        yield f"## {title}\n"
        for name in (name for name in titles if name.rpartition(":")[0] == app):
            light, dark = (picture(name, theme) for theme in THEMES)
            yield f"### {titles[name]}\n"
            yield f"`{pages[name]}`\n"
            wanted = '<source media="(prefers-color-scheme: dark)"'
            yield f'<picture>{wanted} srcset="pictures/{dark}">'
            yield f'<img alt="{titles[name]}" src="pictures/{light}"></picture>\n'


if __name__ == "__main__":
    main()
