"""Every public name is there, and takes the arguments that it takes in Optuna."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import optuna
import pytest

import steep

from .harness import differential, lineage

MODULES = [
    "",
    "artifacts",
    "artifacts.exceptions",
    "study",
    "trial",
    "exceptions",
    "logging",
    "distributions",
    "storages",
    "samplers",
    "samplers.nsgaii",
    "pruners",
    "search_space",
    "importance",
    "terminator",
    "terminator.callback",
    "terminator.erroreval",
    "terminator.improvement.emmr",
    "terminator.improvement.evaluator",
    "terminator.median_erroreval",
    "terminator.terminator",
    "visualization",
    "visualization.matplotlib",
]
# Names that belong to later work. One that has come to exist must leave the list.
LATER = {
    "storages": {
        "_CachedStorage",
        "GrpcStorageProxy",
        "run_grpc_proxy_server",
    },
}
UNLISTED = {
    "artifacts.exceptions": ["ArtifactNotFound"],
    "exceptions": [
        "OptunaError",
        "TrialPruned",
        "CLIUsageError",
        "StorageInternalError",
        "DuplicatedStudyError",
        "UpdateFinishedTrialError",
        "ExperimentalWarning",
    ],
    "logging": [
        "get_verbosity",
        "set_verbosity",
        "disable_default_handler",
        "enable_default_handler",
        "disable_propagation",
        "enable_propagation",
        "get_logger",
    ],
    "distributions": [
        "BaseDistribution",
        "FloatDistribution",
        "IntDistribution",
        "CategoricalDistribution",
        "UniformDistribution",
        "LogUniformDistribution",
        "DiscreteUniformDistribution",
        "IntUniformDistribution",
        "IntLogUniformDistribution",
        "json_to_distribution",
        "distribution_to_json",
        "check_distribution_compatibility",
        "CategoricalChoiceType",
    ],
    "storages": ["get_storage"],
    "study": ["StudyDirection"],
    "terminator.callback": ["TerminatorCallback"],
    "terminator.erroreval": [
        "BaseErrorEvaluator",
        "CrossValidationErrorEvaluator",
        "StaticErrorEvaluator",
        "report_cross_validation_scores",
    ],
    "terminator.improvement.emmr": ["EMMREvaluator"],
    "terminator.improvement.evaluator": [
        "DEFAULT_MIN_N_TRIALS",
        "BaseImprovementEvaluator",
        "BestValueStagnationEvaluator",
        "RegretBoundEvaluator",
    ],
    "terminator.median_erroreval": ["MedianErrorEvaluator"],
    "terminator.terminator": ["BaseTerminator", "Terminator"],
}


# Public by their names only: they take apart how Optuna keeps its log.
WITHIN = {"restore_replay_result", "append_logs", "read_logs", "load_snapshot", "save_snapshot"}


def module(lib: Any, name: str) -> Any:
    """Return the library's module of that name, "" for itself."""
    return importlib.import_module(f"{lib.__name__}.{name}") if name else lib


def names_of(name: str) -> list[str]:
    """Return the public names of Optuna's module."""
    listed = list(getattr(module(optuna, name), "__all__", []))
    return sorted(set(listed + UNLISTED.get(name, [])) - {"version", "__version__"})


def expected_names() -> list[Any]:
    """Return (module, name) for each public name that is not left to later work."""
    return [(m, n) for m in MODULES for n in names_of(m) if n not in LATER.get(m, ())]


def classes_and_functions() -> list[Any]:
    """Return (module, dotted name) for each callable, and for each public method of each class."""
    found = []
    for m, n in expected_names():
        # Abstract in Optuna; here it is the class over any backend, and takes one.
        if (m, n) == ("storages", "BaseStorage"):
            continue
        member = getattr(module(optuna, m), n)
        if inspect.isclass(member) and not issubclass(member, Exception):
            methods = [
                k
                for k, v in vars(member).items()
                if inspect.isfunction(v) and not k.startswith("_") and k not in WITHIN
            ]
            found += [(m, f"{n}.{k}") for k in methods]
        if inspect.isroutine(member) or inspect.isclass(member):
            found.append((m, n))
    return found


@pytest.mark.parametrize(("where", "name"), expected_names())
def test_public_names_exist(where: str, name: str) -> None:
    assert hasattr(module(steep, where), name)


@pytest.mark.parametrize(
    ("where", "name"), [(m, n) for m, names in LATER.items() for n in sorted(names)]
)
def test_names_left_to_later_work_are_absent(where: str, name: str) -> None:
    assert not hasattr(module(steep, where), name), "it exists now: take it off the list LATER"


@pytest.mark.parametrize(("where", "path"), classes_and_functions())
def test_calls_valid_in_optuna_are_valid_here(where: str, path: str) -> None:
    expected, actual = signature(optuna, where, path), signature(steep, where, path)
    if expected is None:
        return
    assert actual is not None
    assert missing(expected, actual) == []


@pytest.mark.parametrize(
    ("where", "name"),
    [(m, n) for m, n in expected_names() if inspect.isclass(getattr(module(optuna, m), n))],
)
def test_attributes_of_classes_exist(where: str, name: str) -> None:
    theirs, ours = (getattr(module(lib, where), name) for lib in (optuna, steep))
    lost = [k for k in vars(theirs) if not k.startswith("_") and not hasattr(ours, k)]
    assert set(lost) <= WITHIN


def signature(lib: Any, where: str, path: str) -> inspect.Signature | None:
    """Return the signature of a dotted name, None for what has none."""
    member = module(lib, where)
    for part in path.split("."):
        member = getattr(member, part)
    try:
        return inspect.signature(member)
    except (TypeError, ValueError):
        return None


def missing(expected: inspect.Signature, actual: inspect.Signature) -> list[str]:
    """Return the parameters that cannot be passed as in Optuna, or that differ by default."""
    if any(p.kind is p.VAR_POSITIONAL for p in expected.parameters.values()):
        return []
    ours = actual.parameters
    lost = [f"{n} is missing" for n in expected.parameters if n not in ours]
    lost += [
        f"{p} became {ours[p.name]}"
        for p in expected.parameters.values()
        if p.name in ours and differs(p, ours[p.name])
    ]
    extra = [
        f"{p} is required"
        for p in ours.values()
        if p.name not in expected.parameters and required(p)
    ]
    return lost + extra + order(expected, actual)


def differs(theirs: inspect.Parameter, ours: inspect.Parameter) -> bool:
    """Return whether a parameter has another default, or can no longer be given by position."""
    positional = theirs.kind is theirs.POSITIONAL_OR_KEYWORD
    same_default = repr(theirs.default) == repr(ours.default)
    return not same_default or (positional and ours.kind is not ours.POSITIONAL_OR_KEYWORD)


def required(p: inspect.Parameter) -> bool:
    """Return whether a parameter must be given."""
    return p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)


def order(expected: inspect.Signature, actual: inspect.Signature) -> list[str]:
    """Return a complaint when parameters given by position come in another order."""
    theirs, ours = (
        [p.name for p in s.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        for s in (expected, actual)
    )
    return [] if ours[: len(theirs)] == theirs else [f"order {theirs} became {ours}"]


@differential
@pytest.mark.parametrize("name", UNLISTED["exceptions"])
def test_lineage_of_exceptions(lib: Any, name: str) -> Any:
    cls = getattr(lib.exceptions, name)
    return lineage(cls), str(cls("message")), cls("message").args


@differential
def test_trial_pruned_is_at_the_top_too(lib: Any) -> Any:
    return (
        lib.TrialPruned is lib.exceptions.TrialPruned,
        lib.study.create_study is lib.create_study,
        lib.trial.create_trial is lib.create_trial,
    )


@differential
def test_version_is_text(lib: Any) -> Any:
    return isinstance(lib.__version__, str), hasattr(lib.version, "__version__")
