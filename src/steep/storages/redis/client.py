"""A connection that outlives cuts: a call is tried again until the server has answered it.

Calls have to bear repetition, since a connection that was lost does not say whether the server
did what it was asked for. What passes by itself (a cut, a server that starts or fails over) is
waited for; everything else becomes an error that names the server and says what to do.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from random import SystemRandom
from typing import Any

from steep.exceptions import StorageInternalError
from steep.logging import get_logger
from steep.storages.redis.scripts import Script

__all__ = ["Client", "hide_password"]

_FIRST_PATIENCE = 5.0  # seconds: a server that was never reached is rather a wrong URL
_TIMEOUT = 5.0  # seconds for one answer; an option of the URL takes its place
_LONGEST_PAUSE = 1.0
_random = SystemRandom()  # the user's random numbers are none of our business
_logger = get_logger(__name__)

# How errors begin that redis-py has no class for, and that pass by themselves.
_PASSING = ("BUSY ", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "LOADING")
# What to do about others: what is found in the class or the text of the error, and advice.
_ADVICE = {
    "OutOfMemory": "Give the server more memory (maxmemory), or delete studies.",
    "OOM": "Give the server more memory (maxmemory), or delete studies.",
    "MISCONF": "The server cannot write to its disk; make room there.",
    "NoPermission": "Let its user run EVALSHA, EVAL and the commands on hashes and lists.",
    "Authentication": "Give user and password in the URL: redis://user:password@host:port/0.",
    "WRONGTYPE": "Another program uses a key of this name; choose another prefix.",
}


def hide_password(url: str) -> str:
    """Give a URL without its password, to be shown.

    Args:
        url: The URL.

    Example:
        >>> hide_password("redis://user:secret@host:6379/0?ssl_password=x")
        'redis://user:***@host:6379/0?ssl_password=***'
    """
    shown = re.sub(r"(?<=://)([^/@:]*):.*@", r"\1:***@", url)
    return re.sub(r"(password=)[^&]*", r"\1***", shown)


class Client:
    """Call a Redis server, again and again if need be.

    Args:
        url: The URL of the server.
        use_cluster: Whether it is a node of a cluster.
        patience: For how many seconds a server that is away is waited for.
        on_connect: Is called with redis-py's client of each new connection.
    """

    def __init__(
        self, url: str, use_cluster: bool, patience: float, on_connect: Callable[[Any], None]
    ) -> None:
        self._url = url
        self._use_cluster = use_cluster
        self._patience = patience
        self._on_connect = on_connect
        self._was_reached = False
        self.after_fork()

    def call(self, command: str, *arguments: Any) -> Any:
        """Call a method of redis-py's client.

        Args:
            command: The name of the method.
            arguments: What it takes.

        Returns:
            The answer.

        Raises:
            StorageInternalError: If the server cannot be reached, or refuses.
        """
        return self._insist(lambda client: getattr(client, command)(*arguments))

    def run(self, script: Script, keys: Sequence[str], *arguments: Any) -> Any:
        """Run a script.

        Args:
            script: The script.
            keys: Its KEYS.
            arguments: Its ARGV.

        Returns:
            The answer.

        Raises:
            StorageInternalError: If the server cannot be reached, or refuses.
        """
        return self._insist(lambda client: _evaluate(client, script, keys, arguments))

    def after_fork(self) -> None:
        """Forget the connection without a word to the server; the parent goes on to use it."""
        self._client: Any = None
        self._lock = threading.Lock()  # heartbeats come from a thread of their own

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._lock:
            self._drop()

    def _insist(self, action: Callable[[Any], Any]) -> Any:
        with self._lock:
            try:
                return self._try(action)
            except BaseException:
                self._drop()  # a call that was interrupted leaves an answer that nobody has read
                raise

    def _try(self, action: Callable[[Any], Any]) -> Any:
        try:
            return action(self._client or self._connect())
        except _errors() as error:
            return self._try_again(action, error)

    def _try_again(self, action: Callable[[Any], Any], error: Exception) -> Any:
        began, pause = time.monotonic(), 0.0
        while True:
            self._drop()
            if not _may_pass(error):
                raise self._refused(error) from error
            self._was_reached |= _is_loading(error)
            if time.monotonic() - began + pause > self._bound():
                raise self._unreachable(error) from error
            if pause == _LONGEST_PAUSE:
                _logger.warning(f"Waiting for {hide_password(self._url)}: {error}")
            time.sleep(pause * _random.uniform(0.5, 1.0))  # many workers come back at once
            pause = min(2 * pause or 0.02, _LONGEST_PAUSE)
            try:
                return action(self._connect())
            except _errors() as again:
                error = again

    def _connect(self) -> Any:
        self._client = _open(self._url, self._use_cluster)
        self._on_connect(self._client)
        self._was_reached = True
        return self._client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _bound(self) -> float:
        return self._patience if self._was_reached else min(_FIRST_PATIENCE, self._patience)

    def _unreachable(self, error: Exception) -> StorageInternalError:
        return StorageInternalError(
            f"{hide_password(self._url)} did not answer within {self._bound():g} s: {error} "
            "Check that the Redis server runs, and that the URL has its host and port."
        )

    def _refused(self, error: Exception) -> StorageInternalError:
        text = f"{type(error).__name__} {error}"
        advice = next((_ADVICE[mark] for mark in _ADVICE if mark in text), "")
        return StorageInternalError(
            f"{hide_password(self._url)} refused a command: {error} {advice}".strip()
        )


def _redis() -> Any:
    try:
        import redis
    except ImportError as error:
        raise ImportError(
            "Studies in Redis need the package redis: pip install 'steep[redis]'."
        ) from error
    return redis


def _open(url: str, use_cluster: bool) -> Any:
    redis = _redis()
    timeouts = {"socket_timeout": _TIMEOUT, "socket_connect_timeout": _TIMEOUT}
    if use_cluster:
        return redis.RedisCluster.from_url(url, **timeouts)
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # One connection of our own costs half of what one from the pool does for each call.
    never = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, single_connection_client=True, retry=never, **timeouts)


def _evaluate(client: Any, script: Script, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
    try:
        return client.evalsha(script.sha, len(keys), *keys, *arguments)
    except _redis().exceptions.NoScriptError:  # a server that was restarted has forgotten it
        return client.eval(script.text, len(keys), *keys, *arguments)


def _errors() -> tuple[type[Exception], ...]:
    exceptions = _redis().exceptions
    return exceptions.RedisError, exceptions.RedisClusterException


def _may_pass(error: Exception) -> bool:
    redis = _redis().exceptions
    if isinstance(error, redis.AuthenticationError | redis.AuthorizationError):
        return False  # kinds of ConnectionError, to redis-py
    passing = (
        redis.ConnectionError,
        redis.TimeoutError,
        redis.ReadOnlyError,
        redis.ClusterError,
        redis.TryAgainError,
        redis.RedisClusterException,
    )
    return isinstance(error, passing) or str(error).startswith(_PASSING)


def _is_loading(error: Exception) -> bool:
    return isinstance(error, _redis().exceptions.BusyLoadingError)
