"""What can go wrong with the crontab, in words for whoever wanted it changed."""


class CrontabError(Exception):
    """The crontab is as it was; the message says why."""


class LostRace(CrontabError):
    """Somebody else changed the crontab in the same moment."""


class NotEntered(CrontabError):
    """Our lines are not where the clock would look for them."""


class BrokenBlock(CrontabError):
    """Our lines cannot be told from those of others."""


class Unfit(CrontabError):
    """A job that no line of a crontab can hold."""


class OtherUser(CrontabError):
    """The site belongs to another user of the system."""
