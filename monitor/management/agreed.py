"""Nothing happens to a crontab that its owner has not seen first."""

from django.core.management.base import OutputWrapper

from monitor.crontab.change import Change


def agreed(stdout: OutputWrapper, change: Change, *, yes: bool, dry_run: bool) -> bool:
    """Show a change, and ask unless that is answered already."""
    stdout.write(change.diff())
    if not dry_run and (yes or _asked()):
        return True
    stdout.write("Nothing was changed.")
    return False


def _asked() -> bool:
    try:
        return input("Change the crontab like this? [y/N] ").strip().lower() == "y"
    except EOFError:
        return False  # nobody is there to ask
