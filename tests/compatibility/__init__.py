"""Programs that were written for Optuna, run by steep as they stand."""
