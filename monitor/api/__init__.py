"""The Monitor, for programs."""

from ninja import Router

from monitor.alerts.acknowledge import AlertError
from monitor.alerts.save import RuleError
from monitor.api import (
    alerts,
    channels,
    checks,
    crontab,
    events,
    figures,
    jobs,
    overview,
    report,
    rules,
)
from monitor.crontab.errors import CrontabError
from monitor.starts.launch import NotStarted
from monitor.switching.switch import SwitchError
from monitor.telling.save import ChannelError

# What was asked for was not done, and the message says why.
REFUSALS = (AlertError, ChannelError, CrontabError, NotStarted, RuleError, SwitchError)

router = Router()
router.add_router("alerts", alerts.router, tags=["alerts"])
router.add_router("", channels.router, tags=["channels"])
router.add_router("checks", checks.router, tags=["checks"])
router.add_router("", crontab.router, tags=["crontab"])
router.add_router("", events.router, tags=["events"])
router.add_router("figures", figures.router, tags=["figures"])
router.add_router("jobs", jobs.router, tags=["jobs"])
router.add_router("", overview.router, tags=["checks"])
router.add_router("", report.router, tags=["report"])
router.add_router("rules", rules.router, tags=["rules"])
