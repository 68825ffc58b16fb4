"""The process that talks to apprise: a question by standard input, answers by lines."""

import json
import logging
import sys
import threading
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import apprise
from apprise.manager_plugins import NotificationManager

# They speak to the desktop or the log of the machine on which the site runs.
LOCAL = frozenset(
    ("blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog")
) | {"windows"}
# What is named there is a file of this machine, which the receiver would be sent.
FILES = frozenset(("keyfile", "pgp", "pgpprv", "pgppub", "subfile", "template"))
# Keys of this one lie in files, wherever it looks for them.
BY_FILES = frozenset(("vapid",))

_said: dict[int, list[str]] = {}


class Heard(logging.Handler):
    """Keeps what the library complains about, apart for each thread."""

    def emit(self, record: logging.LogRecord) -> None:
        _said.setdefault(threading.get_ident(), []).append(record.getMessage())


def problem(address: str) -> str:
    """Why an address cannot be used; nothing if it can."""
    scheme, _, rest = address.partition("://")
    scheme = scheme.lower()
    if not rest and not address.endswith("://"):
        return "It must begin like ntfys:// or mailtos://."
    if scheme in LOCAL:
        return f"{scheme}:// speaks to this machine itself, where nobody would see it."
    if scheme in BY_FILES:
        return f"{scheme}:// needs files of this machine, which no message may read."
    asked = {name.lower() for name, _ in parse_qsl(urlsplit(address).query)}
    if named := sorted(asked & FILES):
        return f"“{named[0]}” names a file of this machine, which no message may read."
    if scheme not in _schemes():
        return f"Nothing is known of {scheme}://, or a library for it is missing."
    if _plugin(address) is None:
        return f"Something in it is not as {scheme}:// wants it."
    return ""


def _schemes() -> list[str]:
    manager: Any = NotificationManager
    return list(manager().schemas(include_disabled=False))


def _plugin(address: str) -> Any:
    asset = apprise.AppriseAsset(secure_logging=True, async_mode=False)
    return apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)


def _send(wanted: dict[str, Any]) -> None:
    arrived, words = False, ""
    try:
        words = problem(wanted["address"])
        if not words:
            plugin = _plugin(wanted["address"])
            # Its result is no bool, but as true as one.
            arrived = bool(plugin.notify(body=wanted["body"], title=wanted["title"]))
            words = " ".join(_said.get(threading.get_ident(), []))
    finally:
        _answer({"id": wanted["id"], "arrived": arrived, "said": words})


def _answer(line: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(line)}\n")
    sys.stdout.flush()


def main() -> None:
    """Answer one question."""
    question = json.load(sys.stdin)
    logger = logging.getLogger("apprise")
    logger.addHandler(Heard(logging.WARNING))
    if "check" in question:
        _answer({"said": problem(question["check"])})
        return
    # Whoever asked has gone by then, killed perhaps.
    end = time.monotonic() + question["within"]
    threads = [
        threading.Thread(target=_send, args=[wanted], daemon=True)
        for wanted in question["send"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))


if __name__ == "__main__":
    main()
