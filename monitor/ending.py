"""Whether the worker that this process belongs to has been told to end."""

from multiprocessing import RawValue

from celery.signals import worker_shutting_down

# The processes that work are forks of the one that is told, and look here.
_told = RawValue("b", 0)


@worker_shutting_down.connect
def end_soon(**_: object) -> None:
    """Have the work in hand put back: nobody waits for it, and then it is killed."""
    _told.value = 1


def is_near() -> bool:
    """Whether what is in hand should be put back, and nothing new begun."""
    return bool(_told.value)
