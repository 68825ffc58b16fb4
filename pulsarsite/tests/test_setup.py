"""bin/setup, bin/serve and bin/test as people call them, in a checkout of their own."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.base_prefix) / "bin"

Run = tuple[int, str]

# An environment with pip takes seconds to make; a stand-in for uv makes it without.
UV = f'''
case $1 in
venv) for folder; do :; done; exec "{PYTHON}/python3" -m venv --without-pip "$folder" ;;
esac'''


class Checkout:
    """The scripts with a lock that needs nothing from a network."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tools = root.parent / "tools"
        self.tools.mkdir()
        self.venv = root / ".venv"
        shutil.copytree(BASE / "bin", root / "bin")
        (root / "requirements").mkdir()
        for lock in ("core", "dev", "mysql"):
            self.lock(lock, "# nothing\n")
        self.tool("python3", f'exec "{PYTHON}/python3" "$@"')
        self.tool("uv", UV)

    def lock(self, name: str, text: str) -> None:
        (self.root / "requirements" / f"{name}.lock").write_text(text)

    def tool(self, name: str, text: str) -> None:
        """Put a program before those of the machine."""
        file = self.tools / name
        file.unlink(missing_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def start(self, *argv: str, **environ: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(self.root / argv[0]), *argv[1:]],
            env={
                "PATH": f"{self.tools}:/usr/bin:/bin",
                "HOME": str(self.root),
                "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
                "PIP_RETRIES": "0",
                "PIP_CONFIG_FILE": os.devnull,
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *argv: str, **environ: str) -> Run:
        process = self.start(*argv, **environ)
        said, _ = process.communicate(timeout=300)
        return process.returncode, said

    def setup(self, *argv: str) -> Run:
        return self.run("bin/setup", "--environment", *argv)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "checkout with a space"
    root.mkdir()
    return Checkout(root)


def made(*locks: str) -> str:
    version = sys.version.split()[0]
    return f"bin/setup: making .venv with Python {version}\n" + installed(*locks)


def installed(*locks: str) -> str:
    return "".join(f"bin/setup: installing requirements/{x}.lock\n" for x in locks)


@pytest.mark.slow
def test_an_environment_is_made_once_and_kept_until_a_lock_changes(
    checkout: Checkout,
) -> None:
    assert checkout.setup("dev") == (0, made("core", "dev"))
    # No Python at all is asked what is known already.
    checkout.tool("python3", "exit 1")
    assert checkout.setup() == (0, "")
    checkout.tool("python3", f'exec "{PYTHON}/python3" "$@"')
    checkout.lock("dev", "# something else\n")
    # What was asked for once stays asked for.
    assert checkout.setup() == (0, installed("dev"))
    assert checkout.setup("mysql") == (0, installed("mysql"))
    assert checkout.setup() == (0, "")


@pytest.mark.slow
def test_an_environment_that_was_left_half_made_is_made_anew(
    checkout: Checkout,
) -> None:
    assert checkout.setup("dev")[0] == 0
    (checkout.venv / "unfinished").touch()
    (checkout.venv / "bin" / "rubbish").touch()
    assert checkout.setup() == (0, made("core", "dev"))
    assert not (checkout.venv / "bin" / "rubbish").exists()
    (checkout.venv / "bin" / "python").unlink()
    assert checkout.setup() == (0, made("core", "dev"))


@pytest.mark.slow
def test_an_environment_that_was_moved_is_made_anew(
    checkout: Checkout, tmp_path: Path
) -> None:
    assert checkout.setup()[0] == 0
    checkout.root = checkout.root.rename(tmp_path / "elsewhere")
    assert checkout.setup() == (0, made("core"))


@pytest.mark.slow
def test_two_at_once_make_it_once(checkout: Checkout) -> None:
    both = [checkout.start("bin/setup", "--environment") for _ in range(2)]
    said = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said) == ["", made("core")]


def test_an_old_python_is_told_with_the_way_to_a_new_one(checkout: Checkout) -> None:
    old = 'case $1 in -V) echo "Python 3.9.2" ;; *) exit 1 ;; esac'
    for version in ("3", "3.11", "3.12", "3.13", "3.14"):
        checkout.tool(f"python{version}", old)
    assert checkout.setup() == (
        1,
        (
            "bin/setup: needs Python 3.11 or newer, found Python 3.9.2. "
            "On Debian or Ubuntu: apt-get install python3.11 python3.11-venv\n"
        ),
    )


def test_a_newer_python_beside_an_old_one_is_found(checkout: Checkout) -> None:
    checkout.tool("python3", "exit 1")
    checkout.tool("python3.14", "exit 1")
    checkout.tool("python3.13", f'exec "{PYTHON}/python3" "$@"')
    code, said = checkout.setup()
    assert (code, said) == (0, made("core"))


def test_a_python_without_venv_is_told_with_the_package(checkout: Checkout) -> None:
    (checkout.tools / "uv").unlink()
    real = PYTHON / "python3"
    checkout.tool(
        "python3", f'case $2 in *ensurepip*) exit 1 ;; esac\nexec {real} "$@"'
    )
    code, said = checkout.setup()
    assert code == 1
    assert said.splitlines()[-1] == (
        "bin/setup: this Python cannot make environments. "
        "On Debian or Ubuntu: apt-get install python3-venv"
    )


@pytest.mark.slow
def test_without_a_network_one_line_says_so_and_the_next_time_goes_on(
    checkout: Checkout,
) -> None:
    (checkout.tools / "uv").unlink()
    checkout.lock("core", f"nothing-of-ours==1.0 --hash=sha256:{'0' * 64}\n")
    code, said = checkout.setup()
    assert (code, said) == (
        1,
        made("core")
        + "bin/setup: the packages cannot be fetched: is there a network, or does it "
        "need https_proxy? See .venv/install.log\n",
    )
    checkout.lock("core", "# nothing\n")
    assert checkout.setup() == (0, made("core"))
    assert (checkout.venv / "bin" / "pip").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "passed_on"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full: free 2 GB"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "a package is not the one we know",
        ),
        (
            "Exception: Can not find valid pkg-config name. Specify MYSQLCLIENT_CFLAGS",
            "mysqlclient needs headers. On Debian or Ubuntu: apt-get install default-",
        ),
        ("ERROR: never seen before", "ERROR: never seen before (the whole story: "),
    ],
)
def test_what_the_installer_says_becomes_one_line_with_the_way_out(
    told: str, passed_on: str, checkout: Checkout
) -> None:
    checkout.tool("uv", UV + f"\necho '{told}'; exit 1")
    code, said = checkout.setup()
    assert code == 1
    assert said.splitlines()[-1].startswith(f"bin/setup: {passed_on}")


def test_a_lock_that_does_not_exist_is_refused(checkout: Checkout) -> None:
    assert checkout.setup("gpu") == (
        1,
        "bin/setup: there is no requirements/gpu.lock\n",
    )


@pytest.mark.parametrize("argv", [["--port"], ["8000"], ["--prot", "1"]])
def test_serve_says_how_it_is_called(argv: list[str], checkout: Checkout) -> None:
    assert checkout.run("bin/serve", *argv) == (
        2,
        "usage: bin/serve [--port N] [--host H] [--config F]\n",
    )


@pytest.mark.slow
def test_the_scripts_end_in_the_commands_of_the_site(checkout: Checkout) -> None:
    """A stand-in for manage.py and pytest tells with what they would be run."""
    echo = "import os, sys; print(*sys.argv, os.environ.get('CONFIG_FILE'))\n"
    (checkout.root / "manage.py").write_text(echo)
    assert checkout.setup("dev")[0] == 0
    (checkout.root / "pytest.py").write_text(echo)
    root = checkout.root
    assert checkout.run("bin/setup") == (0, "manage.py prepare None\n")
    assert checkout.run("bin/serve") == (
        0,
        f"manage.py supervise --host 127.0.0.1 --port 8000 {root}/config.yaml\n",
    )
    here = Path.cwd()
    argv = ["--port", "8101", "--host", "::1", "--config", "my site.yaml"]
    assert checkout.run("bin/serve", *argv) == (
        0,
        f"manage.py supervise --host ::1 --port 8101 {here}/my site.yaml\n",
    )
    cores = len(os.sched_getaffinity(0))
    workers = cores + 1 if cores < 4 else 5
    everywhere = f"-n {workers} --dist loadfile --no-loadscope-reorder"
    asked = [
        ([], everywhere),
        (["--cov"], f"{everywhere} --cov --cov-fail-under=0"),
        (["--fast"], f"{everywhere} -m not slow and not e2e"),
        (["--fast", "-x", "monitor"], "-m not slow and not e2e -x monitor"),
        (["monitor"], "monitor"),
    ]
    checkout.tool("pkg-config", "exit 1")
    for argv, expected in asked:
        assert checkout.run("bin/test", *argv) == (
            0,
            f"{root}/pytest.py {expected} None\n",
        )
    assert checkout.run("bin/test", "--cov", PULSARSITE_REQUIRE_ALL="1") == (
        0,
        f"{installed('mysql')}{root}/pytest.py {everywhere} --cov None\n",
    )


@pytest.mark.e2e
def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    config = tmp_path / "site.yaml"
    config.write_text("")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "manage.py", "supervise", "--port", str(port)],
            cwd=BASE,
            env=os.environ | {"CONFIG_FILE": str(config)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (run.returncode, run.stdout, run.stderr) == (
        1,
        "",
        f"CommandError: Port {port} is taken: bin/serve --port {port + 1}\n",
    )
    assert not (tmp_path / "var" / "default.sqlite3").exists()
