#!/usr/bin/env python3
"""Every command of the site; `--config F` or CONFIG_FILE says which site."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")
    program, *words = sys.argv
    while words and words[0].partition("=")[0] == "--config":
        words = _choose(words)
    try:
        # Looked at first: some of Django's commands would swallow the mistake.
        _ = settings.PULSAR
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    execute_from_command_line([program, *words])


def _choose(words: list[str]) -> list[str]:
    """Take the site's file from `--config F` or `--config=F`; the words after it."""
    option, *rest = words
    _, _, file = option.partition("=")
    if "=" not in option and rest:
        file, *rest = rest
    if not file:
        sys.exit("--config wants the path of a file, before the command.")
    os.environ["CONFIG_FILE"] = file
    return rest


if __name__ == "__main__":
    main()
