"""What can be wrong with a candidate or a model, in words for an astronomer."""


class PulsarError(Exception):
    """Base of every error whose text is meant for the person who caused it."""


class BadInput(PulsarError):
    """A file or row that cannot be used; the message says what, where and why."""


class UnknownFormat(BadInput):
    """No reader recognises the file."""


class BadArtefact(PulsarError):
    """A stored model that is not, or no longer, what was registered."""


class ConversionFailed(PulsarError):
    """A trained model whose ONNX does not give the same scores."""


class DatabaseFault(PulsarError):
    """What a database of the group refuses or fails at.

    Parameters
    ----------
    words : str
        For the person who named the database.
    passing : bool
        Whether trying again can help.
    """

    def __init__(self, words: str, *, passing: bool = False) -> None:
        super().__init__(words)
        self.passing = passing
