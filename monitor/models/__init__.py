"""What the monitor keeps."""

from monitor.models.alerts import Alert, Channel, Delivery, Rule, Severity
from monitor.models.checks import Check, Flip, Mean, Sample, Tally
from monitor.models.events import AppendOnly, Event, EventQuerySet, Happening, Outbox
from monitor.models.jobs import Job, Lease, Ping, Skip, Start, Switch

__all__ = [
    "Alert",
    "AppendOnly",
    "Channel",
    "Check",
    "Delivery",
    "Event",
    "EventQuerySet",
    "Flip",
    "Happening",
    "Job",
    "Lease",
    "Mean",
    "Outbox",
    "Ping",
    "Rule",
    "Sample",
    "Severity",
    "Skip",
    "Start",
    "Switch",
    "Tally",
]
