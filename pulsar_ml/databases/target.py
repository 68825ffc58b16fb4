"""Which database is meant, and how it is reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Target:
    """A database and who we are there; exactly one of driver, dsn and file is given.

    Attributes
    ----------
    name : str
        What people call the connection.
    driver : str
        Of ODBC, as ``odbcinst.ini`` has it.
    dsn : str
        A data source of ``odbc.ini``.
    file : str
        Absolute path of a SQLite file, which is read without ODBC.
    options : mapping
        Texts by name, as the driver wants them.
    user, password : str
        Empty where the database asks for none.
    read_only : bool
        Whether we ask every session to refuse changes.
    connect_seconds, statement_seconds : float
        How long to wait for the database and for one statement.
    """

    name: str
    driver: str = ""
    dsn: str = ""
    file: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = field(default="", repr=False)
    read_only: bool = True
    connect_seconds: float = 10
    statement_seconds: float = 60

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what an order says.

        Parameters
        ----------
        given : mapping
            The attributes by name; others are an error of the caller.

        Returns
        -------
        Target
            What is not given has its default.
        """
        return cls(**given)

    def option(self, *names: str) -> str:
        """Look an option up, whatever its case.

        Parameters
        ----------
        *names : str
            Under which drivers know it.

        Returns
        -------
        str
            The first that is given, or nothing.
        """
        known = {name.casefold(): text for name, text in self.options.items()}
        return next((known[n.casefold()] for n in names if known.get(n.casefold())), "")
