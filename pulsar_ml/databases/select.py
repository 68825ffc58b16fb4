"""Is this one SELECT? Judged by its words, before a database sees it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pulsar_ml.databases import dialects
from pulsar_ml.databases.dialects import Dialect
from pulsar_ml.errors import DatabaseFault

# What a SELECT has no use for; as names of columns they would stand in quotation marks.
_CHANGES = {
    *("INSERT", "UPDATE", "DELETE", "MERGE", "DROP", "ALTER", "CREATE", "TRUNCATE"),
    *("GRANT", "REVOKE", "CALL", "EXEC", "EXECUTE", "COPY", "ATTACH", "PRAGMA"),
    *("INTO", "OUTFILE", "DUMPFILE", "COMMIT", "ROLLBACK", "VACUUM"),
}
_FIRST = ("SELECT", "WITH")
_WORD = re.compile(r"[^\W\d][\w$]*")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_LONGEST = 20_000


class _Piece(NamedTuple):
    """Part of a query; `word` is empty for blanks, comments, texts and quoted names."""

    text: str
    word: str = ""


def checked(select: str, dialect: Dialect) -> str:
    """Make sure that a text is one SELECT and nothing besides.

    Parameters
    ----------
    select : str
        What somebody wrote; one ``;`` may end it.
    dialect : Dialect
        Whose strings and comments it has.

    Returns
    -------
    str
        The same without that ``;`` and without comments, in which some drivers see
        statements and parameters, to stand in brackets as a table.

    Raises
    ------
    DatabaseFault
        It is more, less or something else; the message says what.
    """
    if len(select) > _LONGEST:
        raise DatabaseFault(f"The query is longer than {_LONGEST:,} characters.")
    pieces = list(_pieces(select, dialect))
    while pieces and not pieces[-1].text.strip():
        pieces.pop()
    if pieces and pieces[-1].word == ";":
        pieces.pop()
    words = [piece.word for piece in pieces if piece.word]
    if not words or words[0] not in _FIRST:
        raise DatabaseFault("The query must begin with SELECT or WITH.")
    if ";" in words:
        raise DatabaseFault("The query must be one statement: it has a ; inside.")
    if "?" in words:
        raise DatabaseFault("The query must not have a ? outside of texts.")
    if found := next((word for word in words if word in _CHANGES), None):
        raise DatabaseFault(
            f"The query must only read: it has the word {found}. If that is the name "
            "of a column, put it into quotation marks."
        )
    _balanced(words)
    return "".join(piece.text for piece in pieces).strip()


def _balanced(words: list[str]) -> None:
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth < 0:
            break
    if depth:
        raise DatabaseFault("The brackets of the query do not match.")


def _pieces(text: str, dialect: Dialect) -> Iterator[_Piece]:
    at = 0
    while at < len(text):
        if (end := _comment(text, at, dialect)) > at:
            yield _Piece(" ")
        elif (end := _quoted(text, at, dialect)) > at:
            yield _Piece(text[at:end])
        else:
            word = _WORD.match(text, at)
            end = word.end() if word else at + 1
            yield _Piece(text[at:end], text[at:end].upper().strip())
        at = end


def _begins_line_comment(text: str, at: int, dialect: Dialect) -> bool:
    if dialect is not dialects.MARIADB:
        return text.startswith("--", at)
    # There two dashes without a blank behind them are two minuses.
    blank = text[at + 2 : at + 3]
    dashes = text.startswith("--", at) and (not blank or blank.isspace())
    return dashes or text[at] == "#"


def _comment(text: str, at: int, dialect: Dialect) -> int:
    """Find the end of a comment that begins here, if one does."""
    if _begins_line_comment(text, at, dialect):
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    return _block(text, at, dialect) if text.startswith("/*", at) else at


def _block(text: str, at: int, dialect: Dialect) -> int:
    if text.startswith(("/*!", "/*M!"), at):
        raise DatabaseFault(
            "The query must not have a comment that is carried out: /*!."
        )
    depth, here = 1, at + 2
    nested = dialect in (dialects.POSTGRESQL, dialects.SQLSERVER)
    while depth:
        close = text.find("*/", here)
        if close < 0:
            raise DatabaseFault("A comment of the query has no end.")
        inner = text.find("/*", here, close) if nested else -1
        depth, here = (depth + 1, inner + 2) if inner >= 0 else (depth - 1, close + 2)
    return here


def _dollars(text: str, at: int) -> int:
    tag = _DOLLAR.match(text, at)
    if tag is None:
        return at
    end = text.find(tag.group(), tag.end())
    if end < 0:
        raise DatabaseFault(
            f"A text of the query that begins with {tag.group()} has no end."
        )
    return end + len(tag.group())


def _quoted(text: str, at: int, dialect: Dialect) -> int:
    """Find the end of a text or a quoted name that begins here, if one does."""
    if text[at] == "$" and dialect is dialects.POSTGRESQL:
        return _dollars(text, at)
    brackets = dialect in (dialects.SQLSERVER, dialects.SQLITE)
    if text[at] not in "'\"`" and not (text[at] == "[" and brackets):
        return at
    mark = "]" if text[at] == "[" else text[at]
    escapes = _has_escapes(text, at, dialect)
    here = at + 1
    while here < len(text):
        if escapes and text[here] == "\\":
            here += 2
        elif text[here] != mark:
            here += 1
        elif text.startswith(mark, here + 1):
            here += 2
        else:
            return here + 1
    raise DatabaseFault(f"A text of the query that begins with {text[at]} has no end.")


def _has_escapes(text: str, at: int, dialect: Dialect) -> bool:
    if text[at] not in "'\"":
        return False
    if dialect is dialects.MARIADB:
        return True
    before = text[max(0, at - 2) : at]
    return (
        dialect is dialects.POSTGRESQL
        and text[at] == "'"
        and before[-1:] in {"e", "E"}
        and not re.match(r"[\w$]", before[:-1])
    )
