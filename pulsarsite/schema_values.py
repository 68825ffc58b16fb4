"""What a value of config.yaml can be, and what every section of it is."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    ValidationInfo,
    model_validator,
)


def _split(address: str) -> SplitResult:
    parts = urlsplit(address)
    # Reading the port is what finds one that is none.
    if parts.port == 0 or parts.query or parts.fragment:
        raise ValueError("must end with the host, its port or the name after it")
    if parts.password:
        raise ValueError("must hold no password; name a variable in password_env")
    return parts


def server(bare: str, schemes: set[str], path: str, example: str) -> AfterValidator:
    """Either the word for what needs no server, or the address of one."""

    def check(address: str) -> str:
        parts = _split(address)
        if address == bare:
            return address
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"must be {bare} or look like {example}")
        if not re.fullmatch(path, parts.path):
            raise ValueError(f"must look like {example}")
        return address

    return AfterValidator(check)


def web_address(address: str) -> str:
    parts = _split(address)
    whole = parts.scheme in {"http", "https"} and parts.hostname
    if not whole or parts.username is not None or parts.path.strip("/"):
        raise ValueError("must look like https://pulsars.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def host_name(name: str) -> str:
    bare = name.strip("[]")
    if ":" in bare:
        try:
            return f"[{ip_address(bare)}]"
        except ValueError:
            bare = ""
    if not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", bare):
        raise ValueError("must be a host name or an address, without port or path")
    return bare.lower()


def _known_zone(name: str) -> str:
    if name and name not in available_timezones():
        raise ValueError("must be a time zone like Europe/Berlin")
    return name


def _variable(name: str) -> str:
    if not re.fullmatch(r"([A-Z][A-Z0-9_]*)?", name):
        raise ValueError("must be the name of a variable, like MAIL_PASSWORD")
    return name


def _memory(size: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]*(MB|GB)", size):
        raise ValueError("must look like 256MB or 2GB")
    return size


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    """A relative path is taken from the folder of config.yaml."""
    folder: Path = (info.context or {}).get("folder", Path())
    return (folder / path.expanduser()).resolve()


Zone = Annotated[str, AfterValidator(_known_zone)]
SecretName = Annotated[str, AfterValidator(_variable)]
Memory = Annotated[str, AfterValidator(_memory)]
BesideThisFile = Annotated[Path, AfterValidator(_beside_the_file)]


class Section(BaseModel):
    """One block of config.yaml: unknown keys are errors, values never change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_means_defaults(cls, values: Any) -> Any:
        return {} if values is None else values
