"""Is a job started more often than its line says?"""

from datetime import datetime

from monitor.models import Start

INTERVALS = 10
# One more may be an accident.
ALLOWED = 1


def too_frequent(slug: str, moments: list[datetime]) -> bool:
    """Whether there were more starts by the clock than moments for them.

    `moments` are its last ones: the two ends of each interval.
    """
    if len(moments) < 2:
        return False
    by_clock = Start.objects.filter(job=slug, by="", at__gt=moments[0])
    return by_clock.count() > len(moments) + ALLOWED
