"""One program, two libraries: what Optuna 5.0.0 answers, steep answers."""
