"""What can go wrong with models, in words for the person who asked."""

from monitor.work import Stopped


class RegistryError(Exception):
    """Base of the errors that a page or command shows as they are."""


class NoSuchVersion(RegistryError):
    """The reference names no version."""


class AliasMoved(RegistryError):
    """Somebody else moved the alias first."""


class NotReady(RegistryError):
    """A version that may not answer: quarantined, or its files cannot be loaded."""


class CannotPromote(RegistryError):
    """An alias that cannot be moved as asked; the message says why."""


class GateRefused(CannotPromote):
    """The gate does not let it pass, and nobody went past it with a reason."""


class CannotCompare(RegistryError):
    """Two versions that cannot be held against each other; the message says why."""


class CannotTrain(RegistryError):
    """A training that must not begin, or cannot go on; the message says why."""


class NoConnection(RegistryError):
    """Nothing in config.yaml is called this."""


class StepRefused(RegistryError):
    """What a step was given cannot be used, however often it is tried."""


class StepFailed(RegistryError):
    """A step has failed for no fault of its data."""


class NoRoom(RegistryError):
    """The work must wait for room on the disk, which is no failure of it."""


class StepTimedOut(Stopped):
    """A step has lasted longer than it may."""


class CannotBuild(RegistryError):
    """A dataset that cannot be made of what was asked for; the message says why."""


class CannotTrigger(RegistryError):
    """A trigger or a retraining that cannot do as asked; the message says why."""


class Overtaken(CannotTrigger):
    """Somebody has changed or removed the trigger since it was looked at."""


class CannotPush(RegistryError):
    """A model from elsewhere that is not examined; the message says why."""
