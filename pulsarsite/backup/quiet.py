"""Whether anything of the site runs, which a restore would pull the ground from."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connections

from monitor.clock import turn
from monitor.crontab import place
from monitor.models import Ping
from monitor.processes.supervise import Refused, sole
from monitor.work import State, Work
from pulsarsite import prepare
from pulsarsite.backup import hold
from pulsarsite.backup.errors import CannotRestore


@contextmanager
def nobody_else(root: Path) -> Iterator[None]:
    """Let the site not start, be prepared or be backed up; CannotRestore if it runs."""
    with ExitStack() as held:
        try:
            held.enter_context(sole(root / "serve.lock", "a restore"))
        except Refused as error:
            raise CannotRestore(f"{error}") from None
        held.enter_context(hold.alone(root))
        held.enter_context(prepare.alone(root))
        yield


def refuse_signs_of_life(at: datetime) -> None:
    """Raise CannotRestore while a clock or a worker, of whatever host, is at work."""
    if place.is_host() and place.is_entered():
        raise CannotRestore(
            "The host's crontab holds this site's lines and would start its jobs "
            "meanwhile: take them out first, by manage.py cron_remove."
        )
    if Ping._meta.db_table not in connections["default"].introspection.table_names():  # noqa: SLF001  # Django's public API
        return
    _refuse_another_clock(at)
    for kind in Work.__subclasses__():
        leases = kind.objects.filter(state=State.RUNNING, lease_until__gt=at)
        for number, until in leases.values_list("pk", "lease_until")[:1]:
            raise CannotRestore(
                f"A worker is at {kind._meta.verbose_name} {number}, or was until "  # noqa: SLF001
                f"just now: stop the site, and try it again after {until:%H:%M:%S} UTC."
            )


def _refuse_another_clock(at: datetime) -> None:
    signs = Ping.objects.filter(slug=turn.SLUG, succeeded_at__gt=at - turn.SILENT)
    for by in signs.exclude(by="").values_list("by", flat=True):
        other = turn.Holder.named(by)
        # This host's own clock ends with its site, whose lock we have.
        if not turn.Holder.me().may_follow(other):
            raise CannotRestore(
                f"The site's clock on {other.host} gave a sign of life within two "
                "minutes: stop the site there first."
            )
