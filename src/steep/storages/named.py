"""The storages by the names that users know, and what a URL stands for."""

from __future__ import annotations

from typing import Any

from steep.storages.backend import Backend, MemoryBackend
from steep.storages.leases import FailedTrialCallback
from steep.storages.storage import Storage

__all__ = ["InMemoryStorage", "JournalStorage", "RDBStorage", "get_storage"]


class InMemoryStorage(Storage):
    """Keep studies in the memory of this process.

    Example:
        >>> import steep
        >>> storage = InMemoryStorage()
        >>> study = steep.create_study(study_name="tea", storage=storage)
        >>> steep.get_all_study_names(storage)
        ['tea']
    """

    def __init__(self) -> None:
        super().__init__(MemoryBackend())


class RDBStorage(Storage):
    """Keep studies in SQLite, PostgreSQL, MySQL or MariaDB.

    Args:
        url: Where the database is, such as ``sqlite:///study.db``,
            ``postgresql+psycopg://user:password@host/database`` or
            ``mysql+pymysql://user:password@host/database``.
        engine_kwargs: More for SQLAlchemy's ``create_engine``.
        skip_compatibility_check: Without effect: the tables say themselves which version they are.
        heartbeat_interval: Seconds between two heartbeats of each process; None for none.
        grace_period: Seconds without a heartbeat after which a trial counts as abandoned; twice
            the interval if None.
        heartbeat_stale_trial_callback: Called with the study and each abandoned trial, such as
            :class:`~steep.storages.RetryHeartbeatStaleTrialCallback`.
        failed_trial_callback: The older name of ``heartbeat_stale_trial_callback``.
        skip_table_creation: Without effect: tables are made where they are missing.
        sync_interval: For SQLite, seconds that results which come faster may wait for the disk;
            with 0, each is on the disk when ``tell`` returns.

    Raises:
        ImportError: If the driver of the database is not installed.
        StorageInternalError: If the database cannot be reached, or belongs to something else.
        ValueError: If the URL is not understood or an interval not positive.

    Example:
        >>> import steep
        >>> storage = RDBStorage("sqlite:///:memory:")
        >>> study = steep.create_study(storage=storage)
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
        >>> len(study.trials)
        3
    """

    def __init__(
        self,
        url: str,
        engine_kwargs: dict[str, Any] | None = None,
        skip_compatibility_check: bool = False,
        *,
        heartbeat_interval: float | None = None,
        grace_period: float | None = None,
        heartbeat_stale_trial_callback: FailedTrialCallback | None = None,
        failed_trial_callback: FailedTrialCallback | None = None,
        skip_table_creation: bool = False,
        sync_interval: float = 0.1,
    ) -> None:
        from steep.storages.sql import SqlBackend

        super().__init__(
            SqlBackend(url, engine_kwargs, sync_interval=sync_interval),
            heartbeat_interval=heartbeat_interval,
            grace_period=grace_period,
            failed_trial_callback=heartbeat_stale_trial_callback or failed_trial_callback,
        )
        self.url = url
        self.engine_kwargs = engine_kwargs or {}
        self.skip_compatibility_check = skip_compatibility_check

    get_heartbeat_stale_trial_callback = Storage.get_failed_trial_callback

    @property
    def heartbeat_stale_trial_callback(self) -> FailedTrialCallback | None:
        """Give what is called with each abandoned trial."""
        return self.failed_trial_callback

    def get_head_version(self) -> str:
        """Give the version of the tables that this steep writes."""
        from steep.storages.sql.schema import VERSION

        return str(VERSION)

    def get_current_version(self) -> str:
        """Give the version of the tables in the database: opening it brings them up to date."""
        self.upgrade()
        return self.get_head_version()

    def get_all_versions(self) -> list[str]:
        """Give all versions of the tables, the newest first."""
        return [str(version) for version in range(int(self.get_head_version()), 0, -1)]

    def upgrade(self) -> None:
        """Bring the tables up to date, which opening the database does as well."""
        self._backend.studies()


class JournalStorage(Storage):
    """Keep studies in a log file, a shared directory or Redis.

    Args:
        log_storage: Where the log is, such as
            :class:`~steep.storages.journal.JournalFileBackend`.
        heartbeat_interval: Seconds between two heartbeats of each process; None for none.
        grace_period: Seconds without a heartbeat after which a trial counts as abandoned; twice
            the interval if None.
        failed_trial_callback: Called with the study and each abandoned trial.

    Raises:
        ValueError: If an interval is not positive.

    Example:
        >>> import steep
        >>> from steep.storages.journal import JournalFileBackend
        >>> storage = JournalStorage(JournalFileBackend(getfixture("tmp_path") / "study.log"))
        >>> study = steep.create_study(storage=storage)
        >>> study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
        >>> len(study.trials)
        3
    """

    def __init__(
        self,
        log_storage: Backend,
        *,
        heartbeat_interval: float | None = None,
        grace_period: float | None = None,
        failed_trial_callback: FailedTrialCallback | None = None,
    ) -> None:
        super().__init__(
            log_storage,
            heartbeat_interval=heartbeat_interval,
            grace_period=grace_period,
            failed_trial_callback=failed_trial_callback,
        )


def get_storage(storage: str | Storage | None) -> Storage:
    """Give the storage that an argument ``storage=`` stands for.

    Args:
        storage: A storage; None for a new one in memory; or where it is:

            ========================================== =========================================
            ``sqlite:///study.db``, or ``study.db``     a SQLite database
            ``postgresql+psycopg://user@host/name``     PostgreSQL
            ``mysql+pymysql://user@host/name``          MySQL or MariaDB
            ``redis://host:6379/0``                     Redis
            ``file:study.log``, or ``study.log``        a log file on a local disk
            ``directory:PATH``                          a directory on NFS, Lustre or the like
            ========================================== =========================================

    Returns:
        The storage.

    Raises:
        ImportError: If what reaches it is not installed.
        TypeError: If it is neither a storage nor a string.
        ValueError: If the string is not understood.
    """
    if storage is None:
        return InMemoryStorage()
    if isinstance(storage, Storage):
        return storage
    if not isinstance(storage, str):
        raise TypeError(
            f"storage={storage!r} is a {type(storage).__name__}; give a URL such as "
            "'sqlite:///study.db', or a storage of steep.storages."
        )
    return _from_url(storage)


def _from_url(url: str) -> Storage:
    scheme, colon, rest = url.partition(":")
    if not colon or len(scheme) == 1:  # no scheme; one letter is a drive of Windows
        return _from_path(url)
    if scheme == "file":
        from steep.storages.journal import FileBackend

        return JournalStorage(FileBackend(rest.removeprefix("//")))
    if scheme == "directory":
        from steep.storages.journal import DirectoryBackend

        return JournalStorage(DirectoryBackend(rest.removeprefix("//")))
    if scheme in ("redis", "rediss", "unix"):
        from steep.storages.redis import RedisBackend

        return JournalStorage(RedisBackend(url))
    if scheme.partition("+")[0] in ("sqlite", "postgresql", "mysql", "mariadb"):
        return RDBStorage(url)
    raise _unknown(url)


def _from_path(path: str) -> Storage:
    if path.endswith((".db", ".sqlite", ".sqlite3")):
        return RDBStorage(f"sqlite:///{path}")
    if path.endswith(".log"):
        return _from_url(f"file:{path}")
    raise _unknown(path)


def _unknown(url: str) -> ValueError:
    return ValueError(
        f"storage={url!r} is not understood. Give sqlite:///study.db, "
        "postgresql+psycopg://user@host/database, mysql+pymysql://user@host/database, "
        "redis://host:6379/0, file:study.log, directory:PATH, or a path that ends in .db or .log."
    )
