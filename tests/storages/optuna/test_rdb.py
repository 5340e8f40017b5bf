"""Optuna's tables: made as it makes them, read in all versions that have them."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
import sqlalchemy as sa
from optuna_studies import optuna_storage, studies_of

import steep
from steep.exceptions import StorageInternalError
from steep.storages.optuna import export_optuna, import_optuna
from steep.storages.optuna.rdb import reading

DISTRIBUTION = '{"name": "%s", "attributes": %s}'


@pytest.fixture
def study() -> steep.Study:
    """Return a study with two trials in a storage of its own."""
    storage = steep.storages.InMemoryStorage()
    study = steep.create_study(study_name="tea", storage=storage)
    study.add_trials([steep.create_trial(value=value) for value in (1.0, 2.0)])
    return study


@pytest.fixture
def url(tmp_path: Path, study: steep.Study) -> str:
    """Return the URL of an SQLite database to which the study was exported."""
    url = f"sqlite:///{tmp_path}/study.db"
    export_optuna(study._storage, url)
    return url


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let it be nine hours later here than in Greenwich."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def run(url: str, *statements: str) -> None:
    """Run statements on a database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def imported(url: str) -> steep.Study:
    """Return the only study of a database, in a storage of its own."""
    storage = steep.storages.InMemoryStorage()
    import_optuna(url, storage)
    return steep.load_study(study_name=None, storage=storage)


SHAPES = {
    "sqlite": ("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL",),
    "postgresql": (
        (
            "SELECT table_name, column_name, udt_name, is_nullable, character_maximum_length, "
            "column_default FROM information_schema.columns WHERE table_schema = 'public'"
        ),
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT typname, enumsortorder, enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid",
        (
            "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        ),
    ),
    "mysql": (
        (
            "SELECT table_name, column_name, column_type, is_nullable, column_default, extra "
            "FROM information_schema.columns WHERE table_schema = database()"
        ),
        (
            "SELECT table_name, index_name, non_unique, seq_in_index, column_name "
            "FROM information_schema.statistics WHERE table_schema = database()"
        ),
        (
            "SELECT table_name, column_name, constraint_name, referenced_table_name "
            "FROM information_schema.key_column_usage WHERE table_schema = database()"
        ),
    ),
}


def shape(kind: str, url: str) -> list[str]:
    """Return what a database tells of its tables, by lines, since their order says nothing."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = [str(row) for query in SHAPES[kind] for row in connection.exec_driver_sql(query)]
    return sorted(line.strip(" ,") for row in rows for line in row.split("\\n"))


def test_the_tables_are_those_that_optuna_makes(made: Any, target: str, study: steep.Study) -> None:
    if made.kind == "journal":
        pytest.skip("a journal has no tables")
    export_optuna(study._storage, target)
    assert shape(made.kind, target) == shape(made.kind, made.place) != []


def test_a_database_that_was_never_used_is_taken(tmp_path: Path, study: steep.Study) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    with optuna_storage(url):
        pass
    run(url, "DELETE FROM alembic_version", "DELETE FROM version_info")
    export_optuna(study._storage, url)
    with optuna_storage(url) as storage:
        assert optuna.load_study(study_name="tea", storage=storage).best_value == 1.0


def test_other_tables_stay_as_they_are(tmp_path: Path, study: steep.Study) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    run(url, "CREATE TABLE mine (x INTEGER)", "INSERT INTO mine VALUES (7)")
    export_optuna(study._storage, url)
    assert imported(url).best_value == 1.0
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        assert connection.exec_driver_sql("SELECT x FROM mine").scalar() == 7


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        ("UPDATE alembic_version SET version_num = 'v2.6.0.a'", "optuna storage upgrade --storage"),
        ("DROP TABLE alembic_version", "optuna storage upgrade --storage"),
        ("UPDATE alembic_version SET version_num = 'v9.0.0.a'", "Install a newer steep"),
        ("DROP TABLE trials", "not made by Optuna"),
    ],
)
def test_other_versions_are_refused_with_advice(
    url: str, study: steep.Study, statement: str, advice: str
) -> None:
    run(url, statement)
    with pytest.raises(ValueError, match=advice):
        imported(url)
    with pytest.raises(ValueError, match=advice):
        export_optuna(study._storage, url)


def test_the_revision_of_optuna_3_0_is_read(url: str, study: steep.Study) -> None:
    run(url, "UPDATE alembic_version SET version_num = 'v3.0.0.d'", "DROP INDEX ix_trials_study_id")
    assert [trial.values for trial in imported(url).trials] == [[1.0], [2.0]]


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(("version", "hours"), [("5.0.0", 9), ("4.9.0", 0), ("3.0.6", 0)])
def test_times_are_in_utc_since_optuna_5(
    url: str, study: steep.Study, version: str, hours: int
) -> None:
    run(
        url,
        f"UPDATE version_info SET library_version = '{version}'",
        "UPDATE trials SET datetime_start = '2024-03-01 12:00:00.123456'",
    )
    started = datetime.datetime(2024, 3, 1, 12 + hours, 0, 0, 123456)
    kept = imported(url)
    assert kept.trials[0].datetime_start == started
    kept.study_name = "again"
    storage = steep.storages.InMemoryStorage()
    again = steep.create_study(study_name="again", storage=storage)
    again.add_trials(kept.trials)
    export_optuna(storage, url)
    import_optuna(url, study._storage, study_names=["again"])
    again = steep.load_study(study_name="again", storage=study._storage)
    assert again.trials[0].datetime_start == started


@pytest.mark.usefixtures("tokyo")
def test_optuna_reads_the_times_that_steep_wrote(url: str, study: steep.Study) -> None:
    with optuna_storage(url) as storage:
        assert studies_of(storage) == studies_of(study._storage)


def test_deprecated_distributions_are_read_as_those_in_their_place(
    url: str, study: steep.Study
) -> None:
    from steep.distributions import FloatDistribution, IntDistribution

    old = {
        "UniformDistribution": ('{"low": 0, "high": 9}', FloatDistribution(0, 9)),
        "LogUniformDistribution": ('{"low": 1, "high": 9}', FloatDistribution(1, 9, log=True)),
        "DiscreteUniformDistribution": (
            '{"low": 0, "high": 9, "q": 0.5}',
            FloatDistribution(0, 9, step=0.5),
        ),
        "IntUniformDistribution": (
            '{"low": 0, "high": 9, "step": 3}',
            IntDistribution(0, 9, step=3),
        ),
        "IntLogUniformDistribution": (
            '{"low": 1, "high": 9, "step": 1}',
            IntDistribution(1, 9, log=True),
        ),
    }
    for name, (attributes, _) in old.items():
        spec = DISTRIBUTION % (name, attributes)
        row = f"(1, '{name}', 3.0, '{spec}')"
        columns = "(trial_id, param_name, param_value, distribution_json)"
        run(url, f"INSERT INTO trial_params {columns} VALUES {row}")
    trial = imported(url).trials[0]
    assert trial.distributions == {name: new for name, (_, new) in old.items()}
    assert all(
        type(d) in (FloatDistribution, IntDistribution) for d in trial.distributions.values()
    )


@pytest.mark.parametrize("spec", ["{", "[]", '{"name": "Odd", "attributes": {}}', '{"name": 1}'])
def test_what_is_no_distribution_is_named(url: str, spec: str) -> None:
    columns = "(trial_id, param_name, param_value, distribution_json)"
    run(url, f"INSERT INTO trial_params {columns} VALUES (1, 'x', 3.0, '{spec}')")
    with pytest.raises(ValueError, match="is not a distribution"):
        imported(url)


def test_numbers_of_trials_deleted_by_hand_stay_free(url: str) -> None:
    run(
        url,
        "DELETE FROM trial_values WHERE trial_id = 1",
        "DELETE FROM trials WHERE trial_id = 1",
        "UPDATE trials SET number = 3",
    )
    study = imported(url)
    assert [trial.number for trial in study.trials] == [3]
    assert study.ask().number == 4


@pytest.mark.parametrize("number", ["0", "NULL"])
def test_numbers_that_are_not_in_order_are_refused(url: str, number: str) -> None:
    run(url, f"UPDATE trials SET number = {number}")
    with pytest.raises(ValueError, match="'tea' has a trial with the number .*`number`"):
        imported(url)


def test_a_refusal_of_the_database_is_told_and_changes_nothing(url: str) -> None:
    run(url, "CREATE TRIGGER t BEFORE INSERT ON trial_values BEGIN SELECT RAISE(ABORT, 'no'); END")
    storage = steep.storages.InMemoryStorage()
    steep.create_study(study_name="more", storage=storage).add_trial(steep.create_trial(value=1.0))
    with pytest.raises(StorageInternalError, match=r"database 'sqlite.*study.db' failed:.* no"):
        export_optuna(storage, url)
    assert imported(url).study_name == "tea"


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    url = "postgresql+psycopg://me:secret@127.0.0.1:1/none"
    with pytest.raises(StorageInternalError, match=r"me:\*\*\*@127.0.0.1:1/none") as raised:
        import_optuna(url, steep.storages.InMemoryStorage())
    assert "secret" not in str(raised.value)


def test_a_missing_driver_is_told() -> None:
    with pytest.raises(ImportError, match="driver that .* asks for"):
        import_optuna("oracle://me@host/none", steep.storages.InMemoryStorage())


def test_a_database_is_read_as_it_is_at_one_moment(url: str) -> None:
    run(url, "PRAGMA journal_mode = WAL")
    with reading(url) as studies:
        run(url, "DELETE FROM trial_values", "DELETE FROM trials")
        assert [trial.values for trial in studies.study("tea").trials] == [[1.0], [2.0]]
    assert imported(url).trials == []
