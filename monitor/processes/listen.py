"""Where the web server listens: is the place free, who may call it, does it answer."""

import errno
import http.client
import os
import socket
import time

import psutil

from monitor.processes.supervise import Refused

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  # recognised, not chosen
# The processes of a site that was just killed need a moment to notice.
PATIENCE = 2.0


def claim(host: str, port: int) -> None:
    """Refuse an address at which nobody could listen."""
    end = time.monotonic() + PATIENCE
    while (reason := _trial(host, port)) == errno.EADDRINUSE:
        if time.monotonic() > end:
            raise Refused(f"Port {port} is taken: bin/serve --port {port + 1}")
        time.sleep(0.1)
    if reason == errno.EACCES:
        raise Refused(f"Port {port} is for root alone: bin/serve --port 8000")
    if reason:
        raise Refused(f"{host} is not this machine ({os.strerror(reason)}): --host H")


def _trial(host: str, port: int) -> int:
    """The error of listening there, or 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return 0


def names(host: str) -> list[str]:
    """The names under which a browser may ask for a site that listens there."""
    if host not in EVERYWHERE:
        return [bracketed(host)]
    families = {socket.AF_INET, socket.AF_INET6}
    found = [
        # A link-local address carries its interface: fe80::1%eth0.
        bracketed(address.address.partition("%")[0])
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family in families
    ]
    return sorted({socket.gethostname().lower(), *found})


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def address(host: str, port: int) -> str:
    """What to type into a browser."""
    name = socket.gethostname() if host in EVERYWHERE else bracketed(host)
    return f"http://{name}:{port}/"


def answers(host: str, port: int) -> bool:
    """Does the site say that it lives?"""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(near, port, timeout=1)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
