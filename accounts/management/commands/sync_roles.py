"""`manage.py sync_roles`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import roles


class Command(BaseCommand):
    help = "Make the groups researcher, operator and admin equal to accounts/roles.py."

    def handle(self, **_options: Any) -> None:
        try:
            changes = roles.sync()
        except roles.UnknownPermission as error:
            raise CommandError(str(error)) from error
        for change in changes:
            signs = [f"+{name}" for name in change.granted]
            signs += [f"-{name}" for name in change.withdrawn]
            self.stdout.write(f"{change.role}: {' '.join(signs) or 'made'}")
        if not changes:
            self.stdout.write("All roles are as they should be.")
