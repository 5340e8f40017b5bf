"""Search for the training arguments of a Hugging Face ``Trainer``.

Example::

    def space(trial):
        return {"learning_rate": trial.suggest_float("learning_rate", 1e-6, 1e-3, log=True)}

    trainer = Trainer(model_init=new_model, args=args, train_dataset=a, eval_dataset=b)
    best = steep.integrations.hyperparameter_search(trainer, space, n_trials=20)

``trainer.hyperparameter_search(backend="optuna")`` imports Optuna by name; this function does
what it does, with a study of steep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

from steep.exceptions import TrialPruned
from steep.integrations.frameworks import framework
from steep.integrations.reporting import prune_or_go_on
from steep.study import Study, create_study
from steep.trial import FrozenTrial, Trial

with framework("transformers"):
    from transformers import TrainerCallback
    from transformers.trainer_utils import BestRun, default_compute_objective

__all__ = ["hyperparameter_search"]

Space = Callable[[Trial], dict[str, Any]]
Objective = Callable[[dict[str, float]], float | Sequence[float]]


def default_space(trial: Trial) -> dict[str, Any]:
    """Suggest what matters for most fine-tunings.

    Args:
        trial: The trial.

    Returns:
        Training arguments by name.
    """
    sizes = [4, 8, 16, 32, 64]
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-6, 1e-4, log=True),
        "num_train_epochs": trial.suggest_int("num_train_epochs", 1, 5),
        "seed": trial.suggest_int("seed", 1, 40),
        "per_device_train_batch_size": trial.suggest_categorical(
            "per_device_train_batch_size", sizes
        ),
    }


def hyperparameter_search(
    trainer: Any,
    hp_space: Space | None = None,
    compute_objective: Objective | None = None,
    n_trials: int | None = 20,
    direction: Any = "minimize",
    hp_name: Callable[[Trial], str] | None = None,
    *,
    study: Study | None = None,
    timeout: float | None = None,
    **create_study_args: Any,
) -> Any:
    """Search for training arguments; hopeless trials are pruned at their evaluations.

    The arguments of the trainer are as before when it ends.

    Args:
        trainer: A ``transformers.Trainer`` with ``model_init``.
        hp_space: Takes a trial and gives training arguments by name.
        compute_objective: Takes the metrics of an evaluation and gives the objective value; None
            for the loss, or the sum of the other metrics where there are some.
        n_trials: How many trials to run; None for no limit.
        direction: "minimize" or "maximize", or a list of them for several objectives.
        hp_name: Gives a trial the name of its run.
        study: The study to use; None for a new one.
        timeout: Seconds after which no trial is started any more; None for no limit.
        **create_study_args: Further arguments of :func:`steep.create_study`.

    Returns:
        The ``BestRun``, with the number of the trial as ``run_id``; with several objectives one
        for each trial of the Pareto front.

    Raises:
        RuntimeError: If the trainer has no ``model_init``.
        ValueError: If the space names something that is no training argument.
    """
    if trainer.model_init is None:
        raise RuntimeError(
            "hyperparameter_search(trainer) trains a new model each time: Trainer(model_init=...)."
        )
    if study is None:
        several = "directions" if isinstance(direction, list | tuple) else "direction"
        study = create_study(**{several: direction}, **create_study_args)
    search = _Search(trainer, hp_space or default_space, compute_objective, hp_name)
    before = dict(vars(trainer.args))
    try:
        study.optimize(search.objective, n_trials=n_trials, timeout=timeout)
    finally:
        vars(trainer.args).update(before)
        _take_up(trainer)
    if len(study.directions) > 1:
        return [_best_run(trial) for trial in study.best_trials]
    return _best_run(study.best_trial)


class _Search:
    """Train and evaluate with the arguments of each trial."""

    def __init__(
        self,
        trainer: Any,
        space: Space,
        compute_objective: Objective | None,
        hp_name: Callable[[Trial], str] | None,
    ) -> None:
        self._trainer = trainer
        self._space = space
        self._compute_objective = compute_objective or default_compute_objective
        self._hp_name = hp_name

    def objective(self, trial: Trial) -> float | Sequence[float]:
        """Train, and give the value of the last evaluation."""
        self._set_arguments(trial)
        watch = _Evaluations(self._trainer, trial, self._compute_objective)
        new_model = self._trainer.model_init
        if signature(new_model).parameters:
            self._trainer.model_init = lambda: new_model(trial)
        self._trainer.add_callback(watch)
        try:
            self._trainer.train()
            if watch.value is None:
                self._trainer.evaluate()
        finally:
            self._trainer.remove_callback(watch)
            self._trainer.model_init = new_model
        assert watch.value is not None, "it has been evaluated"
        return watch.value

    def _set_arguments(self, trial: Trial) -> None:
        args = self._trainer.args
        for name, value in self._space(trial).items():
            if not hasattr(args, name):
                raise ValueError(
                    f"hyperparameter_search(hp_space=...) gave {name!r}, which is no field of "
                    f"{type(args).__name__}."
                )
            now = getattr(args, name)
            setattr(args, name, value if now is None else type(now)(value))
        if self._hp_name is not None:
            args.run_name = self._hp_name(trial)
        _take_up(self._trainer)


class _Evaluations(TrainerCallback):
    """Report what each evaluation gives, and prune."""

    def __init__(self, trainer: Any, trial: Trial, compute_objective: Objective) -> None:
        self._trainer = trainer
        self._trial = trial
        self._compute_objective = compute_objective
        self.value: float | Sequence[float] | None = None

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float], **kwargs: Any
    ) -> None:
        """Take the metrics; the trainer calls it after each evaluation."""
        self.value = value = self._compute_objective(dict(metrics))
        if len(self._trial.study.directions) > 1:
            return
        try:
            prune_or_go_on(self._trial, value, state.global_step, "step")
        except TrialPruned:
            # Trackers close their runs, as they would at the end of the training.
            self._trainer.callback_handler.on_train_end(args, state, control)
            raise


def _take_up(trainer: Any) -> None:
    """Let the trainer use its arguments, of which it keeps some elsewhere."""
    trainer._train_batch_size = trainer.args.train_batch_size
    trainer.create_accelerator_and_postprocess()


def _best_run(trial: FrozenTrial) -> Any:
    value = trial.values if trial.values and len(trial.values) > 1 else trial.value
    return BestRun(str(trial.number), value, trial.params)
