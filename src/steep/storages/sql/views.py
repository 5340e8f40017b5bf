"""Views, so that people can ask a database about a study in plain SQL.

============  ======================================================================================
view          one row for
============  ======================================================================================
steep_trial   each trial: study_name, number, state, value (where there is a single objective),
              objective_values (JSON), datetime_start, datetime_complete (UTC)
steep_param   each parameter of a trial: study_name, number, name, internal, value, distribution
steep_report  each report of a trial: study_name, number, step, value
============  ======================================================================================

``internal`` is the number that steep computes with (of a choice its index), ``value`` what the
objective got: in SQLite with its type, elsewhere as text. A number that a column of the database
cannot hold is NULL: NaN in SQLite, NaN and infinities in MySQL; ``objective_values`` has them all.
So it has -0.0, which a column may show as 0.0; what steep reads, the log, keeps the sign.

``steep_event`` tells of each event which trial it changed (``number``) and which it made
(``created``), NULL where none, so nothing has to be folded here: what holds is what the last event
said. Deleted trials are left out.
"""

from __future__ import annotations

from steep.states import TrialState
from steep.storages.sql.json_sql import JsonSql

__all__ = ["NAMES", "view_statements"]

NAMES = ("steep_trial", "steep_param", "steep_report")

_RUNNING, _WAITING, _FAIL = (
    int(state) for state in (TrialState.RUNNING, TrialState.WAITING, TrialState.FAIL)
)
_FINISHED = ", ".join(str(int(state)) for state in TrialState if state.is_finished())


def view_statements(json: JsonSql) -> list[str]:
    """Give the statements that create the views, in place of those of an older version.

    Args:
        json: How the database looks into JSON.
    """
    bodies = (_trials(json), _params(json), _reports(json))
    statements = [f"DROP VIEW IF EXISTS {name}" for name in NAMES]
    for name, body in zip(NAMES, bodies, strict=True):
        statements.append(f"CREATE VIEW {name} AS {body}")
    return statements


def _told(json: JsonSql, kinds: str) -> str:
    """Give what events of some kinds say of a trial; the retry in a Reap is an Add."""
    return f"""
        SELECT study_id, number, position, kind, {json.document} AS doc
        FROM steep_event WHERE number IS NOT NULL AND kind IN ({kinds})
        UNION ALL
        SELECT study_id, created, position, 'Add', {json.at(json.document, "retry")}
        FROM steep_event WHERE kind = 'Reap' AND created IS NOT NULL
    """


_OF_A_LIFE = "'Ask', 'Claim', 'Release', 'Add', 'Finish', 'Reap', 'Amend', 'Delete'"
_WITH_CHANGES = "'Add', 'Update', 'Finish'"


def _trials(json: JsonSql) -> str:
    """Find, for each property of a trial, the last event that says it."""
    states = " ".join(f"WHEN {int(state)} THEN '{state.name}'" for state in TrialState)
    return f"""
    WITH told AS ({_told(json, _OF_A_LIFE)}), {_said(json)}, {_PLACED}, {_TRIAL}
    SELECT study.name AS study_name, number, CASE state {states} END AS state,
        {json.only("results")} AS value, {json.parse.format("results")} AS objective_values,
        {json.timestamp("start")} AS datetime_start,
        {json.timestamp("complete")} AS datetime_complete
    FROM trial JOIN steep_study study ON study.id = study_id
    """


def _said(json: JsonSql) -> str:
    """Take out of each event what it says of the trial."""
    number = json.number
    return f"""
    said AS (
        SELECT study_id, number, position, kind,
            CASE kind WHEN 'Ask' THEN {_RUNNING} WHEN 'Claim' THEN {_RUNNING}
                WHEN 'Release' THEN {_WAITING} WHEN 'Reap' THEN {_FAIL}
                ELSE CAST({number("doc", "state")} AS {json.integer}) END AS state,
            CASE kind WHEN 'Add' THEN {number("doc", "start")}
                ELSE {number("doc", "time")} END AS start,
            CASE kind WHEN 'Add' THEN {number("doc", "complete")}
                ELSE {number("doc", "time")} END AS complete,
            {json.array("doc", "values")} AS results
        FROM told
    )"""


# Which event says what holds; an amendment has another result only where the trial had one.
_PLACED = f"""
    ended AS (
        SELECT said.*, MIN(
            CASE WHEN kind IN ('Add', 'Finish', 'Reap') AND state IN ({_FINISHED}) THEN position END
        ) OVER (PARTITION BY study_id, number) AS end_at
        FROM said
    ),
    valid AS (
        SELECT ended.*,
            CASE WHEN kind <> 'Amend' OR position > end_at THEN state END AS new_state
        FROM ended
    ),
    placed AS (
        SELECT valid.*,
            MAX(CASE WHEN new_state IS NOT NULL THEN position END) OVER trial AS state_at,
            MAX(CASE WHEN kind IN ('Ask', 'Claim', 'Add') THEN position END) OVER trial AS start_at,
            MAX(CASE WHEN kind IN ('Add', 'Finish') AND results IS NOT NULL
                OR kind = 'Amend' AND new_state IS NOT NULL
                THEN position END) OVER trial AS results_at
        FROM valid WINDOW trial AS (PARTITION BY study_id, number)
    )"""
_TRIAL = """
    trial AS (
        SELECT study_id, number,
            MAX(CASE WHEN position = state_at THEN state END) AS state,
            MAX(CASE WHEN position = start_at THEN start END) AS start,
            MAX(CASE WHEN position = end_at THEN complete END) AS complete,
            MAX(CASE WHEN position = results_at THEN results END) AS results
        FROM placed GROUP BY study_id, number
        HAVING MAX(CASE kind WHEN 'Delete' THEN 1 ELSE 0 END) = 0
    )"""


def _params(json: JsonSql) -> str:
    """Find the last value of each parameter, and what the objective got for it."""
    whole = f"CAST(internal AS {json.integer})"
    is_whole = "abs(internal) < 9e18"  # beyond it, the type of integers ends
    kind = json.scalar("spec", "0")
    return f"""
    WITH told AS ({_told(json, _WITH_CHANGES)}),
    said AS (
        SELECT study_id, number, position, {_unescaped(json.key)} AS name,
            {json.number("item.value", "0")} AS internal, {json.at("item.value", "1")} AS spec
        FROM told JOIN {json.params} {json.on}
    ),
    {_last("name", json)}
    SELECT study.name AS study_name, number, last.name AS name, internal,
        CASE WHEN {kind} = 'int' AND {is_whole} THEN {json.as_value(whole)}
            WHEN {kind} IN ('categorical', 'ordinal', 'changing')
                THEN {json.scalar("spec", f"1 + {whole}")}
            ELSE {json.as_value("internal")} END AS value,
        spec AS distribution
    FROM last JOIN steep_study study ON study.id = study_id
    WHERE {kind} <> 'gone'
    """


def _reports(json: JsonSql) -> str:
    """Find the last value reported for each step."""
    return f"""
    WITH told AS ({_told(json, _WITH_CHANGES)}),
    said AS (
        SELECT study_id, number, position,
            CAST({json.number("item.value", "0")} AS {json.integer}) AS step,
            {json.number("item.value", "1")} AS value
        FROM told JOIN {json.reports} {json.on}
    ),
    {_last("step", json)}
    SELECT study.name AS study_name, number, step, value
    FROM last JOIN steep_study study ON study.id = study_id
    """


def _last(name: str, json: JsonSql) -> str:
    """Keep the last that was said under each name, of trials that are not deleted."""
    return f"""
    ranked AS (
        SELECT said.*, ROW_NUMBER() OVER (
            PARTITION BY study_id, number, {json.exact.format(name)} ORDER BY position DESC
        ) AS place
        FROM said
    ),
    last AS (
        SELECT * FROM ranked WHERE place = 1 AND (study_id, number) NOT IN (
            SELECT study_id, number FROM steep_event WHERE kind = 'Delete' AND number IS NOT NULL
        )
    )
    """


def _unescaped(key: str) -> str:
    return f"CASE WHEN substr({key}, 1, 1) = '$' THEN substr({key}, 2) ELSE {key} END"
