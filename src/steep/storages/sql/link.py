"""A connection that is opened when it is needed, and opened anew when it was lost.

Whatever may pass (a deadlock, a restart of the server, a cable pulled out) is tried again here, so
the rest of the package reads as if it never happened. Work that may have arrived although it
failed is told that it runs again.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from steep.exceptions import StorageInternalError
from steep.logging import get_logger
from steep.storages.forks import CONNECTION, guard
from steep.storages.sql.engine import open_engine
from steep.storages.sql.schema import prepare
from steep.storages.sql.session import Session

__all__ = ["PATIENCE", "Link"]

T = TypeVar("T")
_logger = get_logger(__name__)

PATIENCE = 60.0
"""For how many seconds something that may pass is tried again."""

# Connections that belong to the parent of this process. Nothing may close them here, not even the
# garbage collector: a goodbye to the server would end the parent's session.
_parents: list[Any] = []


class Link:
    """Hold one connection to a database.

    Args:
        url: Where the database is.
        engine_kwargs: More for SQLAlchemy's ``create_engine``.
        sync_interval: See :class:`~steep.storages.sql.sqlite.Sqlite`.
    """

    def __init__(self, url: str, engine_kwargs: dict[str, Any], sync_interval: float) -> None:
        self.engine, self.dialect = open_engine(url, engine_kwargs, sync_interval)
        self._was_open = False
        self._session: Session | None = None
        self._lock = threading.RLock()
        guard(self, CONNECTION)

    def __del__(self) -> None:
        # Drivers warn of a connection that is forgotten while it is open.
        session = getattr(self, "_session", None)
        if session is not None:
            with contextlib.suppress(Exception):
                session.drop()

    @property
    def name(self) -> str:
        """Give the URL as it may be shown."""
        url = self.engine.url
        if "password" in url.query:
            url = url.update_query_dict({"password": "***"})
        return str(url.render_as_string(hide_password=True))

    def retry(self, work: Callable[[Session, bool], T]) -> T:
        """Do some work, again and again while what fails may pass.

        Args:
            work: Gets the connection, and whether an earlier attempt may have arrived.

        Returns:
            What the work gave.

        Raises:
            StorageInternalError: If the database failed for good.
        """
        began, attempt = time.monotonic(), 0
        while True:
            with self._lock:
                try:
                    return work(self._session or self._open(), attempt > 0)
                except BaseException as error:
                    self._recover(error)
                    if not self._may_go_on(error, began):
                        self._refuse(error)
                        raise
            self._pause(attempt)
            attempt += 1

    def transact(self, work: Callable[[Session, bool], T]) -> T:
        """Do some work in a transaction, again and again while what fails may pass.

        Args:
            work: See :meth:`retry`.

        Returns:
            What the work gave.

        Raises:
            StorageInternalError: If the database failed for good.
        """
        return self.retry(lambda session, again: session.transact(lambda: work(session, again)))

    def wrote(self, size: int, is_result: bool) -> None:
        """Take note of a transaction that was committed; see :meth:`Dialect.wrote`.

        Args:
            size: About how many bytes it wrote.
            is_result: Whether it must be on the disk.
        """
        with self._lock:
            if self._session is not None:  # it may have been lost since
                self.dialect.wrote(self._session, size, is_result, self._connect)

    def settle(self) -> None:
        """Bring to the disk what has been committed; see :meth:`Dialect.settle`."""
        with self._lock:
            self.dialect.settle()

    def abandon(self) -> None:
        """Let go, in a child process, of the connection of its parent without closing it."""
        if self.dialect.is_in_memory:
            return  # this process has a copy of the whole database
        _parents.append((self._session, self.engine.pool))
        self._session = None
        self.engine.dispose(close=False)
        self.dialect.forget()

    def close(self) -> None:
        """Close the connection; the next call opens one. A database in memory is kept."""
        with self._lock:
            if self._session is None or self.dialect.is_in_memory:
                return
            try:
                self.dialect.settle()
            finally:
                self._session.drop()
                self._session = None
                self.dialect.forget()

    # ---- forks -----------------------------------------------------------------------------------

    def before_fork(self, patience: float) -> bool:
        """Close what a child must not inherit, and let nobody open it before :meth:`forked`.

        Args:
            patience: Seconds to wait for the other threads; -1 for as long as it takes.
        """
        if not self._lock.acquire(timeout=patience):
            return False
        if self.dialect.is_lost_in_fork:
            try:
                self.close()
            except Exception as error:
                _logger.warning(f"A database could not be closed before a fork: {error}")
        return True

    def forked(self, is_child: bool) -> None:
        """Go on after a fork.

        Args:
            is_child: Whether this is the new process; its locks have no owner.
        """
        if is_child:
            self._lock = threading.RLock()
        else:
            self._lock.release()

    # ---- within ----------------------------------------------------------------------------------

    def _open(self) -> Session:
        with self._connect() as session:
            prepare(session, self.dialect, self.engine.dialect, is_known=self._was_open)
            self._session, self._was_open = session, True
            return session

    @contextlib.contextmanager
    def _connect(self) -> Iterator[Session]:
        """Open a connection, and close it again unless it has become ours."""
        connection = self.engine.raw_connection()
        session = Session(connection, self.dialect.begin, self.dialect.has_marks)
        try:
            self.dialect.greet(session)
            yield session
        finally:
            if session is not self._session:
                session.drop()

    def _recover(self, error: BaseException) -> None:
        session = self._session
        if session is not None and not self.dialect.recover(session, error):
            self._session = None
            with contextlib.suppress(Exception):
                session.drop()

    def _may_go_on(self, error: BaseException, began: float) -> bool:
        patience = PATIENCE if self._was_open else self.dialect.first_patience
        return self.dialect.may_pass(error) and time.monotonic() - began < patience

    def _refuse(self, error: BaseException) -> None:
        if isinstance(error, self.dialect.driver.Error):
            raise StorageInternalError(
                f"The database {self.name} did not do what was asked: {str(error).strip()}"
                f"{self.dialect.advice(error)}"
            ) from error

    def _pause(self, attempt: int) -> None:
        first, longest = self.dialect.pauses
        # Chance decides which of two that are in each other's way comes first.
        time.sleep(min(longest, first * 2 ** min(attempt, 30)) * random.uniform(0.5, 1.0))
