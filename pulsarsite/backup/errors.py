"""Why there is no back-up, or why none can be put back: in words for the operator."""


class BackupError(Exception):
    """Base of what ends either command; the message says what, where and why."""


class CannotBackUp(BackupError):
    """No back-up was made, and nothing that looks like one was left."""


class CannotRestore(BackupError):
    """The back-up was not put back."""


class Damaged(CannotRestore):
    """A folder is no back-up, or not all that it was."""
