"""README.md and docs/: what they lead to is there."""

import re
from pathlib import Path

from django.conf import settings

LINK = re.compile(r'\]\(([^)#\s]+)|(?:src|srcset|href)="([^"#]+)"')


def missing(document: Path) -> list[str]:
    found = (one or other for one, other in LINK.findall(document.read_text()))
    near = [link for link in found if "://" not in link]
    assert near or document.name != "README.md"
    return [link for link in near if not (document.parent / link).exists()]


def test_every_file_that_the_documents_lead_to_is_there():
    documents = [settings.BASE_DIR / "README.md"]
    documents += (settings.BASE_DIR / "docs").rglob("*.md")

    found = {str(one): missing(one) for one in documents}

    assert {name: links for name, links in found.items() if links} == {}
