"""The database servers that tests use: the shared ones, and private ones to be killed.

The shared servers are named by environment variables, with defaults for this machine. A test that
needs one says ``need(REDIS)``: where the server is missing the test is skipped with the reason, or
fails if ``STEEP_REQUIRE_SERVERS=1``. Whoever writes to a shared server cleans up, and uses names
that nobody else has (``unique()``): several runs share it.

A private server listens on a free port and keeps its data in a directory of its own:

    with PrivateRedis() as server:       # or PrivatePostgreSQL(), PrivateMariaDB()
        ...                              # server.url
        server.kill()                    # SIGKILL, to it and all its processes
        server.start()                   # the same port, the same data

On two cores that had much other work, making the data took 0 s (Redis), 1.5 s (PostgreSQL) and
4 s (MariaDB), a start 0.05 s, 0.15 s and 0.3 s, and one after a kill 0.05 s, 0.4 s and 0.3 s.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

__all__ = [
    "MYSQL",
    "POSTGRESQL",
    "REDIS",
    "PrivateMariaDB",
    "PrivatePostgreSQL",
    "PrivateRedis",
    "PrivateServer",
    "available",
    "free_port",
    "missing",
    "need",
    "unique",
    "unsafe_redis",
]

POSTGRESQL = os.environ.get(
    "STEEP_TEST_POSTGRESQL", "postgresql+psycopg://root@127.0.0.1:5432/test"
)
MYSQL = os.environ.get("STEEP_TEST_MYSQL", "mysql+pymysql://root@127.0.0.1:3306/test")
REDIS = os.environ.get("STEEP_TEST_REDIS", "redis://127.0.0.1:6379/0")

_PATIENCE = 60.0  # seconds for a start; a broken server is no matter of speed


# ---- what is there -------------------------------------------------------------------------------


def available(url: str) -> str:
    """Give "" if a server answers, else why not.

    Args:
        url: Its URL.
    """
    try:
        if url.startswith("redis"):
            _ask_redis(url)
        else:
            _ask_sql(url)
    except Exception as error:  # whatever the driver raises is the reason
        return f"{type(error).__name__}: {error}".strip().partition("\n")[0]
    return ""


def _ask_redis(url: str) -> None:
    import redis

    with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
        client.ping()


def _ask_sql(url: str) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))


_once_available = functools.cache(available)


def need(url: str) -> None:
    """Skip the test if a shared server is missing, or fail it if all are required.

    Args:
        url: Its URL.
    """
    if reason := _once_available(url):
        _do_without(f"at {url}: {reason}")


_NO_SERVER = "no server "


def _do_without(what: str) -> None:
    if os.environ.get("STEEP_REQUIRE_SERVERS") == "1":
        pytest.fail(_NO_SERVER + what)
    pytest.skip(_NO_SERVER + what)


def missing(report: pytest.TestReport) -> str:
    """Give what a test was skipped for the want of, or "" if for another reason.

    Args:
        report: What pytest says of the test, which may have run in another process.
    """
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    found = reason.removeprefix("Skipped: ")
    return found if found.startswith(_NO_SERVER) else ""


def unique(name: str = "t") -> str:
    """Give a name that no other test run has.

    Args:
        name: What it begins with.
    """
    return f"{name}-{uuid.uuid4().hex[:12]}"


@contextlib.contextmanager
def unsafe_redis() -> Iterator[None]:
    """Be silent about a Redis server that keeps nothing on disk, as a shared one may not."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*may lose studies", category=UserWarning)
        yield


def free_port() -> int:
    """Give a port on which nobody listens.

    It is one that the system gives to no outgoing connection, such as those of other tests.
    """
    for port in random.SystemRandom().sample(range(20_000, 30_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError("a hundred ports are all taken")


# ---- private servers -----------------------------------------------------------------------------


class PrivateServer:
    """A server that belongs to one test.

    Attributes:
        directory: Where it keeps its data and its log.
        port: Where it listens, on 127.0.0.1.
        url: Its URL.
        seconds_to_make: How long making the data took.
        seconds_to_start: How long the last start took, until it answered.
    """

    program = ""
    user = ""
    """Whom it runs as if root starts it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="steep-server-"))
        self.seconds_to_make = self.seconds_to_start = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def make(self) -> None:
        """Make what the server needs before its first start."""

    def command(self) -> list[str]:
        """Give the command that runs the server in the foreground."""
        raise NotImplementedError

    def start(self, until: str = "") -> None:
        """Start, and wait until it answers.

        Args:
            until: Wait until it answers with an error that has this text instead.
        """
        began = time.monotonic()
        self._process = self._popen(self.command())
        while (reason := available(self.url)) and not (until and until in reason):
            if self._process.poll() is not None or time.monotonic() - began > _PATIENCE:
                raise RuntimeError(f"{self.program} did not start: {reason}\n{self.log()}")
            time.sleep(0.01)
        self.seconds_to_start = time.monotonic() - began

    def kill(self) -> None:
        """Kill the server and all of its processes with SIGKILL."""
        if self._process is None:
            return
        for pid in [self._process.pid, *_children(self._process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def log(self) -> str:
        """Give the end of what the server has said."""
        path = self.directory / "log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def __enter__(self) -> Self:
        if shutil.which(self.program, path=_PATH) is None:
            shutil.rmtree(self.directory)
            _do_without(f"program {self.program}: it is not installed")
        try:
            if self._as_user():
                shutil.chown(self.directory, self.user)
            began = time.monotonic()
            self.make()
            self.seconds_to_make = time.monotonic() - began
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _as_user(self) -> str | None:
        return self.user if self.user and os.geteuid() == 0 else None

    def _run(self, command: list[str]) -> None:
        if self._popen(command).wait() != 0:
            raise RuntimeError(f"{command} failed:\n{self.log()}")

    def _popen(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**os.environ, "PATH": _PATH},
                user=self._as_user(),
                group=pwd.getpwnam(self.user).pw_gid if self._as_user() else None,
                extra_groups=[] if self._as_user() else None,
                start_new_session=True,
            )


class PrivateRedis(PrivateServer):
    """A Redis server that syncs its log before each answer.

    Args:
        options: More options, such as "--maxmemory", "10mb".
    """

    program = "redis-server"

    def __init__(self, *options: str) -> None:
        super().__init__()
        self.options = list(options)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        kept = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory)]
        return [self.program, *where, *kept, *self.options]

    def set(self, option: str, value: str) -> None:
        """Change an option while the server runs.

        Args:
            option: Its name.
            value: Its new value.
        """
        import redis

        with redis.Redis.from_url(self.url) as admin:
            admin.config_set(option, value)


class PrivatePostgreSQL(PrivateServer):
    """A PostgreSQL server with its usual settings."""

    program = "postgres"
    user = "postgres"

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://root@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        who = ["--username=root", "--auth=trust"]
        self._run(["initdb", "data", "--no-sync", "--encoding=UTF8", "--locale=C", *who])

    def command(self) -> list[str]:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.directory)]
        # A start after a kill syncs every file; one call for all is much quicker.
        return [self.program, "-D", "data", *where, "-c", "recovery_init_sync_method=syncfs"]


class PrivateMariaDB(PrivateServer):
    """A MariaDB server with its usual settings."""

    program = "mariadbd"
    user = "mysql"

    @property
    def url(self) -> str:
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/test"

    def make(self) -> None:
        self._run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={self.directory / 'data'}",
                "--auth-root-authentication-method=normal",
            ]
        )

    def command(self) -> list[str]:
        return [
            self.program,
            "--no-defaults",
            f"--datadir={self.directory / 'data'}",
            f"--port={self.port}",
            f"--socket={self.directory / 'socket'}",
            f"--pid-file={self.directory / 'pid'}",
            "--bind-address=127.0.0.1",
        ]


def _search_path() -> str:
    # Debian keeps the programs of PostgreSQL beside the path, one folder a version.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parts[-2])
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *map(str, versions[::-1])])


_PATH = _search_path()


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
    return found
