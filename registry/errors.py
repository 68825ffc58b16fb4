"""What can go wrong with models, in words for the person who asked."""


class RegistryError(Exception):
    """Base of the errors that a page or command shows as they are."""


class NoSuchVersion(RegistryError):
    """The reference names no version."""


class AliasMoved(RegistryError):
    """Somebody else moved the alias first."""
