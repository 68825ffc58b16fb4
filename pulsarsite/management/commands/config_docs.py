"""`manage.py config_docs`."""

from django.conf import settings
from django.core.management.base import BaseCommand

from pulsarsite import describe


class Command(BaseCommand):
    help = "Write config.yaml and docs/config.md anew from the schema."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        for name, text in (
            ("config.yaml", describe.as_yaml()),
            ("docs/config.md", describe.as_markdown()),
        ):
            (settings.BASE_DIR / name).write_text(text)
            self.stdout.write(f"{name} is written.")
