"""Zip and tar archives, read member by member and never extracted.

A member is copied to a temporary file of ours; its own name is only shown.
"""

import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, NoReturn

from pulsar_ml.errors import BadInput, PulsarError
from pulsar_ml.formats import door, phcx_xml, unpack
from pulsar_ml.formats.beside import companions
from pulsar_ml.formats.table import Block, Format, Source, Table
from pulsar_ml.formats.told import File, together

_Lister = Callable[[Source], AbstractContextManager[unpack.Listing]]


def formats(inner: Sequence[Format]) -> tuple[Format, Format]:
    """Give the formats of archives whose members have one of the inner formats.

    Parameters
    ----------
    inner : sequence of Format
        Tried in this order; an archive among the members is refused.

    Returns
    -------
    tuple of Format
        Zip, then tar, compressed by gzip or not.
    """
    return (
        Format("zip archive", _is_zip, partial(_open, unpack.zipped, inner)),
        Format("tar archive", _is_tar, partial(_open, unpack.tarred, inner)),
    )


@contextmanager
def member(source: Source, name: str) -> Iterator[Source]:
    """Give one member as a file, for as long as the body runs.

    Parameters
    ----------
    source : Source
        The archive.
    name : str
        The member's, as it is shown after the archive's and ``!``.

    Yields
    ------
    Source
        The member, with its companion.

    Raises
    ------
    BadInput
        There is none, or the archive is damaged.
    """
    with ExitStack() as stack:
        with door.words(source.name):
            with source.path.open("rb") as file:
                listing = unpack.zipped if _is_zip(file.read(4)) else unpack.tarred
            found = stack.enter_context(listing(source))
            if name not in found.members:
                raise BadInput(f"has no member {name!r}")
            beside = companions(found.members).get(name)
            budget = unpack.Budget(source.path)
            copied = _copied(stack, source, found, name, beside, budget)
        yield copied


def _is_zip(start: bytes) -> bool:
    return start.startswith((b"PK\3\4", b"PK\5\6"))


def _is_tar(start: bytes) -> bool:
    block = (
        phcx_xml.inflated(start, tarfile.BLOCKSIZE)
        if start[:2] == phcx_xml.GZIP
        else start
    )
    try:
        tarfile.TarInfo.frombuf(block[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


def _open(listing: _Lister, inner: Sequence[Format], source: Source) -> Table:
    known = (Format("archive", lambda s: _is_zip(s) or _is_tar(s), _nested), *inner)
    archive = _Archive(source, listing, known)
    return Table(archive.metadata, (), archive.blocks)


def _nested(_: Source) -> NoReturn:
    raise BadInput(
        "is an archive inside an archive, which is not read; unpack it first"
    )


class _Archive:
    """The rows of all members, one after the other."""

    def __init__(
        self, source: Source, listing: _Lister, inner: Sequence[Format]
    ) -> None:
        self.source = source
        self.listing = listing
        self.inner = inner

    def metadata(self) -> tuple[str, ...]:
        spelling: dict[str, str] = {}
        with suppress(PulsarError):  # becomes a reject when its turn comes
            for _, opening in self._members():
                with suppress(PulsarError), door.words(self.source.name):
                    for name in opening(self.source).metadata():
                        spelling.setdefault(name.casefold(), name)
        return tuple(spelling.values())

    def blocks(self, skip: int) -> Iterator[Block]:
        row, size = 1, self.source.path.stat().st_size
        for share, opening in self._members():
            seen = self.source._replace(name=share.name)
            # From its first row on: nobody else knows how many rows it has.
            for block in door.blocks(seen, opening):
                if row + block.n_rows > skip + 1:
                    bounds = int(size * share.begin), int(size * share.end)
                    yield block.moved(row - block.first_row, *bounds, share.member)
                row += block.n_rows

    def _members(self) -> Iterator[tuple["_Share", Callable[[Source], Table]]]:
        """Every member that is an input, and how it is opened while its turn lasts."""
        budget = unpack.Budget(self.source.path)
        with ExitStack() as whole:
            found = whole.enter_context(self.listing(self.source))
            # Once for all: each time it looks at every name.
            beside = companions(found.members)
            taken = set(beside.values())
            inputs = [name for name in found.members if name not in taken]
            files = [self._file(found, name, budget) for name in inputs]
            belonging = whole.enter_context(together(files))
            for place, name in enumerate(inputs):
                if place in belonging.silent:
                    continue
                begin, end = place / len(inputs), (place + 1) / len(inputs)
                share = _Share(f"{self.source.name}!{name}", name, begin, end)
                mark = partial(belonging.mark, place)
                with ExitStack() as turn:
                    yield (
                        share,
                        partial(
                            self._open,
                            turn,
                            found,
                            name,
                            beside.get(name),
                            budget,
                            mark,
                        ),
                    )
                if budget.left < 0:
                    return
            if found.fault:
                raise BadInput(found.fault)

    def _open(
        self,
        turn: ExitStack,
        found: unpack.Listing,
        name: str,
        beside: str | None,
        budget: unpack.Budget,
        mark: Callable[[Source], Source],
        _: Source,
    ) -> Table:
        copied = _copied(turn, self.source, found, name, beside, budget)
        return door.opened(mark(copied), self.inner)

    def _file(self, found: unpack.Listing, name: str, budget: unpack.Budget) -> File:
        opener, scratch = found.members[name], self.source.scratch

        def path(stack: ExitStack) -> Path:
            return stack.enter_context(unpack.copy(opener, budget, scratch))

        shown = f"{self.source.name}!{name}"
        return File(shown, partial(unpack.head, opener), path)


class _Share(NamedTuple):
    """A member's full and own name, and which part of the archive it counts as."""

    name: str
    member: str
    begin: float
    end: float


def _copied(
    turn: ExitStack,
    source: Source,
    found: unpack.Listing,
    name: str,
    beside: str | None,
    budget: unpack.Budget,
) -> Source:
    """Copy a member, and its companion, to files that last as long as the turn."""
    paths = [
        turn.enter_context(unpack.copy(found.members[wanted], budget, source.scratch))
        for wanted in (name, beside)
        if wanted is not None
    ]
    copied = source._replace(path=paths[0], name=f"{source.name}!{name}")
    return copied._replace(beside=paths[1]) if beside else copied
