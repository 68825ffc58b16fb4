"""Names of candidates where there is little room for them."""

import re


def last_part(name: str) -> str:
    """The file's own name, of one that lay in an archive or in folders."""
    return re.split(r"[/!]", name.rstrip("/!"))[-1]
