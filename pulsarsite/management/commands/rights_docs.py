"""`manage.py rights_docs`."""

from django.conf import settings
from django.core.management.base import BaseCommand

from pulsarsite.who_may import markdown


class Command(BaseCommand):
    help = "Write docs/rights.md and the table of roles in docs/security.md anew."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        docs = settings.BASE_DIR / "docs"
        security = docs / "security.md"
        for file, text in (
            (docs / "rights.md", markdown.by_address()),
            (security, markdown.inserted(security.read_text())),
        ):
            file.write_text(text)
            self.stdout.write(f"docs/{file.name} is written.")
