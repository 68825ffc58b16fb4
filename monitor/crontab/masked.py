"""The lines of a crontab as a page may show them: without secrets, without tricks."""

import re

HIDDEN = "••••••"
_NAME = r"[\w-]*(?:pass|pwd|secret|token|key|credential|auth|cookie|bearer)[\w-]*"
# NAME = value: the rest of the line is the value.
_SETTING = re.compile(rf"^(\s*['\"]?{_NAME}['\"]?\s*=\s*)(\S.*)$", re.IGNORECASE)
# NAME=value, --name=value and --name value within a command.
_QUOTED = r"(?:'[^']*'|\"[^\"]*\"|[^\s'\"])+"
_WITHIN = re.compile(
    rf"((?<![\w-])(?:{_NAME}=|--?{_NAME}\s+))({_QUOTED})", re.IGNORECASE
)
# What a header of HTTP says, whatever quotes it stands in.
_HEADER = re.compile(
    r"((?:authorization|x-api-key|cookie)\s*:\s*(?:basic|bearer|token)?\s*)"
    r"([^\s'\"]+)",
    re.IGNORECASE,
)
_USER = re.compile(r"(\w://[^\s/:@]*:)([^\s@]+)(?=@)")


def masked(line: str) -> str:
    """The line with dots for whatever looks like a secret."""
    if _SETTING.match(line):
        return _SETTING.sub(rf"\1{HIDDEN}", line)
    for pattern in (_HEADER, _USER, _WITHIN):
        line = pattern.sub(rf"\1{HIDDEN}", line)
    return line
