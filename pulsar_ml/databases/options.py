"""What is said to a driver: our safe options, and what else the group wants."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulsar_ml.errors import DatabaseFault

if TYPE_CHECKING:
    from pulsar_ml.databases.target import Target

# By what drivers and their files are called.
_FAMILIES = {
    "mariadb": ("maria", "mysql", "maodbc", "myodbc"),
    "postgresql": ("postgres", "psql"),
    "sqlite": ("sqlite",),
    "sqlserver": ("freetds", "tds", "sql server", "msodbc"),
}
# These have places of their own, or would lead elsewhere.
_TAKEN = {
    *("driver", "dsn", "filedsn", "savefile"),
    *("uid", "user", "username", "pwd", "password"),
}
_PLAIN = re.compile(r"[\w./:@,-]*")
# Of MariaDB's and MySQL's bits: several statements in one.
_MULTI_STATEMENTS = 67108864


def family(driver: str) -> str:
    """Tell by the name of a driver which database it is for.

    Parameters
    ----------
    driver : str
        Its name or its file.

    Returns
    -------
    str
        "mariadb", "postgresql", "sqlite", "sqlserver", or nothing.
    """
    name = driver.casefold()
    return next(
        (known for known, marks in _FAMILIES.items() if any(m in name for m in marks)),
        "",
    )


def written(target: "Target", driver: str) -> str:
    """Write what the driver is told to connect.

    Parameters
    ----------
    target : Target
        A driver or a data source.
    driver : str
        The driver, also of the data source.

    Returns
    -------
    str
        For ``SQLDriverConnect``; ours cannot be undone by the group's options.

    Raises
    ------
    DatabaseFault
        An option stands where it has no business.
    """
    where = {"DRIVER": f"{{{target.driver}}}"} if target.driver else {"DSN": target.dsn}
    ours = _ours(target, family(driver))
    theirs = _theirs(target, ours)
    who = {"UID": target.user} if target.user else {}
    secret = {"PWD": target.password} if target.password else {}
    said = {**ours, **theirs, **who, **secret}
    listed = [f"{name}={_value(text)}" for name, text in said.items()]
    return ";".join([*(f"{k}={v}" for k, v in where.items()), *listed]) + ";"


def _ours(target: "Target", family: str) -> Mapping[str, str]:
    seconds = str(max(1, round(target.connect_seconds)))
    safe: dict[str, dict[str, str]] = {
        "mariadb": {
            # Nothing asks for anything on a screen, and one statement is one.
            "NO_PROMPT": "1",
            "OPTION": _bits(target),
            "CONN_TIMEOUT": seconds,
            "CHARSET": "utf8mb4",
        },
        "postgresql": {
            "BoolsAsChar": "0",
            "ReadOnly": str(int(target.read_only)),
            "UseDeclareFetch": "0",
        },
        "sqlite": {
            # Without these: wrong numbers from 2**31 on, and a new file for a typing
            # error.
            "BigInt": "1",
            "NoCreat": "1",
            "NoTXN": "0",
            "JDConv": "0",
            # It would wait a hundred seconds for a lock, whatever a pragma says.
            "Timeout": str(max(1, round(1000 * target.statement_seconds))),
            "LongNames": "0",
            # Foreign code in this process.
            "LoadExt": "",
        },
        "sqlserver": {
            "ApplicationIntent": "ReadOnly" if target.read_only else "ReadWrite",
            "MARS_Connection": "no",
        },
    }
    return safe.get(family, {})


def _bits(target: "Target") -> str:
    given = target.option("OPTION", "OPTIONS")
    try:
        return str(int(given or 0) & ~_MULTI_STATEMENTS)
    except ValueError:
        raise DatabaseFault(
            f"The option OPTION of {target.name} must be a number, not {given}."
        ) from None


# Other names of options that we set.
_ALSO = {
    "options": "option",
    "multi_statements": "option",
    "a0": "readonly",
    "b6": "usedeclarefetch",
    "b9": "boolsaschar",
    "cx": "readonly",
}


def _theirs(target: "Target", ours: Mapping[str, Any]) -> dict[str, str]:
    for name in target.options:
        if name.strip().casefold() in _TAKEN:
            raise DatabaseFault(
                f"{name} is no option of {target.name}: driver, dsn, user and password "
                "have their own keys."
            )
        if not re.fullmatch(r"[\w .-]+", name):
            raise DatabaseFault(f"{name} cannot be the name of an option.")
    fixed = {name.casefold() for name in ours}
    fixed |= {other for other, name in _ALSO.items() if name in fixed}
    return {
        name: text
        for name, text in target.options.items()
        if name.strip().casefold() not in fixed
    }


def _value(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return "{" + text.replace("}", "}}") + "}"
