"""What the tests of the Monitor's pages share."""

from datetime import timedelta

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.utils import timezone

from monitor import jobs
from monitor.crontab import lines
from monitor.models import Check, Job


def text(answer: HttpResponse) -> str:
    """A page with single spaces."""
    return " ".join(answer.content.decode().split())


def said(answer: HttpResponse) -> list[str]:
    """What the next page will tell first."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def check(slug: str, state: str = "up", **values: object) -> Check:
    """Something that was looked at just now, and is so for an hour."""
    at = timezone.now()
    given = {
        "kind": slug.partition("-")[0],
        "name": slug,
        "state": state,
        "since": at - timedelta(hours=1),
        "looked_at": at,
    }
    return Check.objects.create(slug=slug, **(given | values))


def job(slug: str = "nightly", cron: str = "30 2 * * *", *, sweep: bool = False) -> Job:
    """One with its line in the crontab."""
    jobs.put(slug, jobs.Declared(cron, ("prune",), "/showroom/", sweep, 300, 3600))
    lines.sync()
    return Job.objects.get(slug=slug)
