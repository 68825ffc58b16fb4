"""Lines by which one sees how far the work is."""

from collections.abc import Callable

from django.template.defaultfilters import filesizeformat

Tell = Callable[[str], None]
# Called wherever work comes by.
Beat = Callable[[], None]


class Progress:
    """A line at each tenth."""

    def __init__(self, what: str, of: int, tell: Tell) -> None:
        self.what, self.of, self.tell = what, of, tell
        self.done = self.told = 0

    def add(self, size: int) -> None:
        """So many more bytes are done."""
        self.done += size
        tenths = 10 * self.done // max(self.of, 1)
        if tenths > self.told:
            self.told = tenths
            self.tell(f"{self.what}: {words(self.done)} of {words(self.of)}")


def words(size: int) -> str:
    """So many bytes, as people read them."""
    return filesizeformat(size).replace("\xa0", " ")
