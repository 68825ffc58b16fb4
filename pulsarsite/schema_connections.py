"""What may stand in config.yaml of databases that schedules read and write."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pulsarsite.schema_values import BesideThisFile, SecretName, Section

CONNECTIONS = (
    "Databases that schedules may read and write, and labels may come from; "
    "docs/databases.md tells how each kind is connected."
)
# How drivers call what has a place of its own here.
_PASSWORDS = ("PWD", "PASSWORD", "PASSWD")
_USERS = ("UID", "USER", "USERNAME")
_WAYS = ("DRIVER", "DSN", "FILEDSN")
# What ends or begins a value in the text that a driver is given.
_SIGNS = ";={}[]\0\r\n"


def _options(options: Any) -> Any:
    """The options of a driver; numbers are texts here, as one writes `PORT: 3306`."""
    if not isinstance(options, dict):
        return options
    for name in options:
        _look_at(str(name))
    return {
        name: str(value) if type(value) in (int, float) else value
        for name, value in options.items()
    }


def _look_at(name: str) -> None:
    plain = name.strip().upper()
    if plain in _PASSWORDS:
        raise ValueError(
            f"must hold no password ({name}); name a variable in password_env"
        )
    if plain in _USERS:
        raise ValueError(f"must hold no user ({name}); there is the key user")
    if plain in _WAYS:
        raise ValueError(f"must not hold {name}; that is a key of the connection")
    if not plain or any(sign in name for sign in _SIGNS):
        raise ValueError(f"{name!r} is no name of an option")


def _one_line(text: str) -> str:
    if any(sign in text for sign in "\0\r\n"):
        raise ValueError("must be one line")
    return text


def _bare(text: str) -> str:
    """What goes into the text for the driver as one value, and cannot be more."""
    if any(sign in text for sign in _SIGNS):
        raise ValueError("must be a name or a path alone; further words are options")
    return text


def _slug(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,49}", name):
        raise ValueError("must be 1 to 50 small letters, digits, - and _")
    return name


Line = Annotated[str, AfterValidator(_one_line)]
Bare = Annotated[str, AfterValidator(_bare)]
Options = Annotated[dict[str, Line], BeforeValidator(_options)]


class Connection(Section):
    """A database by one of three ways: an ODBC driver, a DSN, or an SQLite file."""

    name: Annotated[str, AfterValidator(_slug)] = Field(
        description="What it is called on pages: small letters, digits, - and _."
    )
    driver: Bare = Field(
        default="",
        max_length=200,
        description="The ODBC driver as `odbcinst -q -d` lists it, or the path of its "
        "library.",
    )
    dsn: Bare = Field(
        default="",
        max_length=200,
        description="Instead of a driver: a data source of odbc.ini.",
    )
    file: BesideThisFile | None = Field(
        default=None,
        strict=False,
        description="Instead of a driver: an SQLite file, read by Python itself. A "
        "relative path is taken from this file's folder.",
    )
    options: Options = Field(
        default={},
        description="What the driver wants to know, in its own words, like "
        "`{SERVER: db.example.org, DATABASE: survey}`.",
    )
    user: Line = Field(default="", max_length=200, description="Who logs in.")
    password_env: SecretName = Field(
        default="", description="Environment variable (or NAME_FILE) with the password."
    )
    read_only: bool = Field(
        default=True,
        description="Whether nothing may be written; a schedule that writes a table "
        "needs false.",
    )
    connect_seconds: int = Field(
        default=10, ge=1, le=300, description="So long may it take to connect."
    )
    statement_seconds: int = Field(
        default=60, ge=1, le=3600, description="So long may one statement take."
    )

    @model_validator(mode="after")
    def _by_one_way(self) -> Self:
        ways = {"driver": self.driver, "dsn": self.dsn, "file": self.file}
        given = [name for name, value in ways.items() if value]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"needs one of driver, dsn and file; it has {found}")
        if self.file and (self.options or self.user or self.password_env):
            raise ValueError("a file takes no options, user or password_env")
        return self


def _each_once(connections: tuple[Connection, ...]) -> tuple[Connection, ...]:
    names = [connection.name for connection in connections]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"named twice: {', '.join(twice)}")
    return connections


def _none_is_empty(value: Any) -> Any:
    return () if value is None else value


Connections = Annotated[
    tuple[Connection, ...],
    Field(strict=False, max_length=100),
    BeforeValidator(_none_is_empty),
    AfterValidator(_each_once),
]
