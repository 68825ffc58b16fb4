"""config.yaml, read and validated once: every mistake told at once."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr, ValidationError

from pulsarsite import describe, secrets_file
from pulsarsite.schema import Config
from pulsarsite.schema_connections import Connection


class BadConfig(Exception):
    """The configuration cannot be used; the message lists every mistake."""


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key that stands twice is a mistake, not a silent choice."""

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self.mistakes: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, *args: Any) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            # `on:` is the truth value and `12:` a number: both would miss their key.
            if not isinstance(key, str):
                self.mistakes.append(f"line {line}: the key {key!r} must be text")
            elif key in seen:
                self.mistakes.append(f"line {line}: the key {key!r} stands twice")
            else:
                seen.add(key)
        found = super().construct_mapping(node, *args)
        return {str(key): value for key, value in found.items()}


def load(path: Path) -> Config:
    """Read a configuration file; the path of storage.root comes back absolute."""
    path = path.expanduser().resolve()
    try:
        values, mistakes = _read(path)
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, ValueError) as error:
        why = " ".join(str(error).split())
        raise BadConfig(f"{path} is not YAML: {why}") from error
    # Each section is named, or the folder would not reach the default of storage.root.
    sections = dict.fromkeys(describe.sections()) | values
    try:
        config = Config.model_validate(sections, context={"folder": path.parent})
        mistakes += _offer(config.scheduler.secrets_file)
        mistakes += _missing_secrets(config)
        mistakes += _of_our_own(config)
    except ValidationError as error:
        mistakes += _mistakes(error)
    if mistakes:
        raise BadConfig("\n  ".join([f"{path} cannot be used:", *mistakes]))
    return config


def _read(path: Path) -> tuple[dict[str, Any], list[str]]:
    loader = _StrictLoader(path.read_bytes())
    values = loader.get_single_data()
    if values is None:
        return {}, loader.mistakes
    if not isinstance(values, dict):
        raise BadConfig(f"{path} must be made of sections, each with its keys")
    return values, loader.mistakes


def _mistakes(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors():
        key = ".".join(map(str, mistake["loc"]))
        message = f"must be {describe.expected(mistake['loc'])}"
        if mistake["type"] == "extra_forbidden":
            yield f"{key}: there is no such key"
            continue
        if mistake["type"] == "value_error":
            message = str(mistake["ctx"]["error"])
        # Whatever somebody wrote there may be a password in the wrong place.
        if mistake["loc"][:1] == ("connections",):
            yield f"{key}: {message}"
            continue
        # A password written into an address must not reach the log.
        found = re.sub(r"://.*@", "://******@", repr(mistake["input"]))
        yield f"{key}: {message} (found {found})"


def _offer(file: Path | None) -> Iterator[str]:
    """Have the environment hold what the file knows and nobody else has said."""
    try:
        known = secrets_file.read(file) if file else {}
    except ValueError as error:
        yield f"scheduler.secrets_file: {error}"
        return
    for name, value in known.items():
        # One that a file of its own holds is said as well.
        if f"{name}_FILE" not in os.environ:
            os.environ.setdefault(name, value)


def _missing_secrets(config: Config) -> Iterator[str]:
    for key, name in describe.secrets(config):
        try:
            secret(name)
        except BadConfig as error:
            yield f"{key}: {error}"


def _of_our_own(config: Config) -> Iterator[str]:
    """What the site keeps is neither read nor written as somebody's table."""
    root = config.storage.root.resolve()
    for connection in config.connections:
        if connection.file and connection.file.is_relative_to(root):
            yield f"connections.{connection.name}.file: must not be in storage.root"


def secret(name: str, environ: Mapping[str, str] = os.environ) -> SecretStr:
    """What the environment holds under NAME, or in the file that NAME_FILE names."""
    if not name:
        return SecretStr("")
    if name in environ:
        return SecretStr(environ[name])
    file = environ.get(f"{name}_FILE")
    if file is None:
        raise BadConfig(f"set {name}, or {name}_FILE with the path of a file")
    try:
        return SecretStr(Path(file).read_text().rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file}, named by {name}_FILE, cannot be read") from error


def passwords(connections: Iterable[Connection]) -> dict[str, str]:
    """The password of each connection, empty where it has none."""
    return {
        one.name: secret(one.password_env).get_secret_value() for one in connections
    }


def secret_or_nothing(name: str, environ: Mapping[str, str] = os.environ) -> SecretStr:
    """A secret that need not be given; one that cannot be read is still a mistake."""
    given = name in environ or f"{name}_FILE" in environ
    return secret(name if given else "", environ)
