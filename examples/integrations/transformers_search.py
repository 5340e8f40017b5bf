"""Search for the training arguments of a Hugging Face Trainer.

$ pip install steep torch transformers accelerate scikit-learn
$ python examples/integrations/transformers_search.py

The model is small and new, so that nothing is downloaded; any ``AutoModel`` goes in its place.
"""

from __future__ import annotations

import tempfile
from typing import Any

import torch
from sklearn.datasets import load_digits
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

import steep


def new_model() -> BertForSequenceClassification:
    """Return a small BERT that reads the pixels of a digit as words."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "intermediate_size": 64}
    config = BertConfig(vocab_size=17, num_attention_heads=2, num_labels=3, **sizes)
    return BertForSequenceClassification(config)


def rows(part: slice) -> list[dict[str, Any]]:
    """Return a part of the digits 0, 1 and 2 as sequences of grey levels."""
    pixels, digits = load_digits(n_class=3, return_X_y=True)
    return [
        {"input_ids": [int(grey) for grey in picture], "labels": int(digit)}
        for picture, digit in zip(pixels[part], digits[part], strict=True)
    ]


def space(trial: steep.Trial) -> dict[str, Any]:
    """Suggest training arguments."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-1, log=True),
        "warmup_steps": trial.suggest_int("warmup_steps", 0, 10),
    }


def main() -> None:
    """Search, and print what was found."""
    torch.set_num_threads(1)  # the model is too small for more
    with tempfile.TemporaryDirectory() as folder:
        args = TrainingArguments(
            output_dir=folder,
            num_train_epochs=3,
            per_device_train_batch_size=32,
            per_device_eval_batch_size=64,
            eval_strategy="epoch",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
        )
        trainer = Trainer(
            model_init=new_model,
            args=args,
            train_dataset=rows(slice(0, 128)),
            eval_dataset=rows(slice(128, 192)),
        )
        study = steep.create_study(sampler=steep.samplers.TPESampler(seed=0))
        best = steep.integrations.hyperparameter_search(trainer, space, n_trials=8, study=study)
    pruned = [trial for trial in study.trials if trial.state.name == "PRUNED"]
    print(f"Trials: {len(study.trials)}, of which {len(pruned)} were pruned")
    print(f"Best loss: {best.objective:.4f} with {best.hyperparameters}")


if __name__ == "__main__":
    main()
