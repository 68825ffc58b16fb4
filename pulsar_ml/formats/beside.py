"""Files that belong to another one: the ``.bestprof`` of a PFD."""

from collections.abc import Iterable, Sequence

from pulsar_ml.formats.bestprof import SUFFIX
from pulsar_ml.formats.table import Source


def companions(names: Iterable[str]) -> dict[str, str]:
    """Tell which PFD has a ``.bestprof`` beside it, by their names.

    Parameters
    ----------
    names : iterable of str
        Of all files of an upload, a folder or an archive.

    Returns
    -------
    dict
        From the PFD's name to that of its companion.
    """
    known = set(names)
    return {
        name: f"{name}{SUFFIX}"
        for name in known
        if name.lower().endswith(".pfd") and f"{name}{SUFFIX}" in known
    }


def paired(sources: Sequence[Source]) -> list[Source]:
    """Put each ``.bestprof`` beside its PFD; it is no input of its own then.

    Parameters
    ----------
    sources : sequence of Source
        All files of an upload or a folder.

    Returns
    -------
    list of Source
        The others, in their order.
    """
    found = companions(source.name for source in sources)
    paths = {source.name: source.path for source in sources}
    taken = set(found.values())
    return [
        source._replace(beside=paths[found[source.name]])
        if source.name in found
        else source
        for source in sources
        if source.name not in taken
    ]
