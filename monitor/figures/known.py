"""The figures that the monitor itself puts down, in the order of the page."""

from datetime import timedelta

from monitor.figures.declared import declare


def declare_ours() -> None:
    """Name them."""
    for place, (name, title, unit, words) in enumerate(_OURS, 100):
        declare(name, title, unit, place, words=words)
    declare(
        "outbox.waiting",
        "Events on their way",
        "events",
        120,
        # Put down by every tick: what tells later when the clock was alive.
        single=timedelta(days=90),
    )
    # As long as a job may be looked at: what was leapt over is not missed.
    for place, (name, title, words) in enumerate(_CLOCK, 121):
        year = timedelta(days=400)
        declare(name, title, "seconds", place, words=words, single=year)


_OURS = (
    ("workers.count", "Workers", "workers", ""),
    ("workers.active", "Tasks at work", "tasks", ""),
    ("workers.queued", "Tasks that wait", "tasks", ""),
    ("outbox.age", "Age of the oldest event on its way", "seconds", ""),
    ("storage.free", "Free storage", "bytes", ""),
    ("storage.used", "Used storage", "share", ""),
    ("machine.load", "Load", "", "Processes that want to run, a minute's average."),
    ("machine.cpu", "Processor", "share", "How much of all cores is at work."),
    ("machine.memory", "Memory", "share", "How much of it is in use."),
    ("job.too_frequent", "Jobs that start too often", "", "1 where one does."),
)
_CLOCK = (
    ("clock.step", "Steps of the clock", "By how much it was set."),
    ("clock.gap", "Gaps of the clock", "How long nobody kept time."),
)
