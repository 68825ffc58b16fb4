"""The schema of config.yaml told to people: as a page, as a file, as it is in force."""

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from pulsarsite.schema import Config
from pulsarsite.schema_values import Section

PAGE = """\
# config.yaml

Written by `manage.py config_docs` from the schema in `pulsarsite/schema.py`.

A site is described by one file. `bin/serve --config F`, or `CONFIG_FILE=F` in the
environment, chooses it; otherwise it is the `config.yaml` of the checkout, in which
every key stands with its default. A file of your own needs only what it changes.

Nothing is guessed: an unknown key, a key that stands twice or a value of the wrong kind
stops every command, and all mistakes are told at once. `manage.py config_check` prints
what is in force and where each value comes from.

Secrets never stand in this file. A key ending in `_env` names an environment variable:
with `password_env: MAIL_PASSWORD` the password is taken from `MAIL_PASSWORD`, or from
the file whose path is in `MAIL_PASSWORD_FILE`.
"""
TABLE = """
| key | default | must be | meaning |
| --- | --- | --- | --- |
"""


class Key(NamedTuple):
    """One key that may be written, or (without a field) the section it stands in."""

    path: tuple[str, ...]
    about: str
    field: FieldInfo | None = None

    @property
    def name(self) -> str:
        return ".".join(self.path)


class Effective(NamedTuple):
    """One key as the site uses it."""

    key: str
    value: str
    origin: str


def walk(section: type[Section] = Config, path: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every section and key, in the order of the schema."""
    for name, field in section.model_fields.items():
        here = (*path, name)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section):
            yield Key(here, field.description or inner.__doc__ or "")
            yield from walk(inner, here)
        else:
            yield Key(here, field.description or "", field)


def sections() -> list[str]:
    """The names of the sections of a file; what else it holds is a list."""
    return [key.name for key in walk() if not key.field and not key.path[1:]]


def expected(path: tuple[str | int, ...]) -> str:
    """What a value must be, as the rest of a sentence that begins with `must be`."""
    by_path: dict[tuple[str | int, ...], Key] = {key.path: key for key in walk()}
    if path in by_path:
        field = by_path[path].field
        return _kind(field) if field else "a section with keys of its own"
    return _expected_in_a_list(path, by_path)


def _expected_in_a_list(
    path: tuple[str | int, ...], by_path: dict[tuple[str | int, ...], Key]
) -> str:
    depth = next((n for n, part in enumerate(path) if isinstance(part, int)), 0)
    listed = by_path.get(path[:depth])
    entry = listed and listed.field and _entry(listed.field)
    if not entry:
        return "text"
    match path[depth + 1 :]:
        case ():
            return "an entry with keys of its own"
        case (str(name),) if name in entry.model_fields:
            return _kind(entry.model_fields[name])
    return "text"


def _entry(field: FieldInfo) -> type[Section] | None:
    """What the entries of a list are made of, where they have keys."""
    if get_origin(field.annotation) is not tuple:
        return None
    kind = get_args(field.annotation)[0]
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def _kind(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return "one of " + ", ".join(get_args(field.annotation))
    if _entry(field):
        return "a list of entries, each with keys of its own"
    if get_origin(field.annotation) is tuple:
        return "a list, like [one, two]"
    if get_origin(field.annotation) is dict:
        return "names with texts, like {NAME: text}"
    words = {bool: "true or false", int: "a whole number", float: "a number"}
    found = (word for kind, word in words.items() if field.annotation is kind)
    return next(found, "text") + _bounds(field)


def _bounds(field: FieldInfo) -> str:
    """The limits of a number, or of a text's length."""
    limits = {name: limit for part in field.metadata for name, limit in _set(part)}
    if "le" in limits:
        return f" from {limits['ge']} to {limits['le']}"
    if "ge" in limits:
        return f" of at least {limits['ge']}"
    if "max_length" in limits and "min_length" in limits:
        return f" of {limits['min_length']} to {limits['max_length']} characters"
    if "max_length" in limits:
        return f" of at most {limits['max_length']} characters"
    return " that is not empty" if "min_length" in limits else ""


def _set(part: object) -> Iterator[tuple[str, object]]:
    for name in ("ge", "le", "min_length", "max_length"):
        if hasattr(part, name):
            yield name, getattr(part, name)


def as_yaml() -> str:
    """The documented default: a file in which every key stands with what it means."""
    lines = [
        "# The configuration of a site, every key with its default.",
        "# A site needs only what it changes: bin/serve --config my-site.yaml",
    ]
    for key in walk():
        indent = "  " * (len(key.path) - 1)
        if key.field is None:
            lines += ["", f"{indent}# {key.about}", f"{indent}{key.path[-1]}:"]
        else:
            about = f"{key.about} {_sentence(key.field)}"
            if entry := _entry(key.field):
                about += f" Its keys: {', '.join(entry.model_fields)}."
            # What is no section's stands apart, as a section does.
            lines += [] if indent else [""]
            lines += [f"{indent}# {line}" for line in _wrapped(about, len(indent))]
            lines += [f"{indent}{key.path[-1]}: {_written(key.field)}"]
    return "\n".join(lines) + "\n"


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, 86 - indent, break_on_hyphens=False)


def _sentence(field: FieldInfo) -> str:
    kind = _kind(field)
    return "" if kind == "text" else f"{kind[0].upper()}{kind[1:]}."


def _written(field: FieldInfo) -> str:
    """A default in YAML's words."""
    value = field.default
    if isinstance(value, Path):
        value = str(value)
    text = yaml.safe_dump(list(value) if isinstance(value, tuple) else value)
    return text.removesuffix("...\n").strip()


def as_markdown() -> str:
    """docs/config.md."""
    return PAGE + "".join(_sections())


def _sections() -> Iterator[str]:
    in_table = False
    for key in walk():
        if key.field is None or not key.path[1:]:
            in_table = False
            yield f"\n## {key.name}\n\n{key.about}\n"
        if key.field is None:
            continue
        if entry := None if key.path[1:] else _entry(key.field):
            yield f"\nBy default `{key.name}: []`. Each entry has these keys:\n{TABLE}"
            yield from (_line(one) for one in walk(entry))
            continue
        if not in_table:
            yield TABLE
        in_table = True
        yield _line(key)


def _line(key: Key) -> str:
    assert key.field is not None  # noqa: S101  # a section has no line
    default = "" if key.field.is_required() else f"`{_written(key.field)}`"
    kind = _kind(key.field)
    return f"| `{key.path[-1]}` | {default} | {kind} | {key.about} |\n"


def effective(config: Config) -> Iterator[Effective]:
    """Every key with its value and where that came from; secrets stay hidden."""
    for name, key, section in _each(config):
        value = getattr(section, key.path[-1])
        if _is_secret(key) and value:
            yield Effective(name, f"{value} = ******", _origin_of(value))
        else:
            written = key.path[-1] in section.model_fields_set
            yield Effective(name, _shown(value), "file" if written else "default")


def secrets(config: Config) -> Iterator[tuple[str, str]]:
    """The keys that name a secret, with the name."""
    for name, key, section in _each(config):
        value = getattr(section, key.path[-1])
        if _is_secret(key) and value:
            yield name, value


def _each(config: Config) -> Iterator[tuple[str, Key, Section]]:
    """Every key and the section that has it; those of a list by its entries' names."""
    for key in walk():
        if key.field is None:
            continue
        section = _found(config, key)
        listed = getattr(section, key.path[-1])
        entry = _entry(key.field)
        if not entry or not listed:
            yield key.name, key, section
            continue
        for one in listed:
            for inner in walk(entry):
                yield f"{key.name}.{one.name}.{inner.name}", inner, one


def _is_secret(key: Key) -> bool:
    return key.path[-1].endswith("_env")


def _found(config: Config, key: Key) -> Section:
    """The section in which a key stands."""
    section: Section = config
    for part in key.path[:-1]:
        section = getattr(section, part)
    return section


def _origin_of(name: str) -> str:
    return "environment" if name in os.environ else f"{name}_FILE"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name}={text}" for name, text in value.items()) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if value != "" else '""'
