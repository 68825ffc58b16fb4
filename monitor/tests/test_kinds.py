"""Each kind of event is recorded somewhere, and explained to people."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from monitor.events import KINDS


@pytest.fixture(scope="module")
def sources() -> str:
    """What our apps do, without their tests and without the list itself."""
    folders = [Path(config.path) for config in apps.get_app_configs()]
    files = [
        file
        for folder in folders
        if folder.parent == settings.BASE_DIR
        for file in folder.rglob("*.py")
        if "tests" not in file.parts and file.parts[-2:] != ("monitor", "events.py")
    ]
    return "\n".join(file.read_text() for file in files)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_recorded_somewhere(kind: str, sources: str):
    assert f'"{kind}"' in sources


def test_every_recorded_kind_is_known(sources: str):
    recorded = set(re.findall(r'\brecord\(\s*"([^"]+)"', sources))
    assert recorded
    assert recorded - set(KINDS) == set()


def test_the_docs_explain_every_kind():
    text = (settings.BASE_DIR / "docs" / "events.md").read_text()
    table = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, re.MULTILINE))
    assert table == KINDS
