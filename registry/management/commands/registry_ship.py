"""Register the versions that come with the package."""

from django.core.management.base import BaseCommand

from registry.ship import register_shipped


class Command(BaseCommand):
    help = "Register the versions that come with the package (safe to repeat)."

    def handle(self, **options: object) -> None:
        for version in register_shipped():
            self.stdout.write(f"{version}  {', '.join(version.stages)}".rstrip())
