#!/usr/bin/env python3
"""Every command of the site; CONFIG_FILE in the environment says which site."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")
    try:
        # Looked at first: some of Django's commands would swallow the mistake.
        _ = settings.PULSAR
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
