"""How much do pruners save? Real learning curves of scikit-learn models, looked up.

    python -m benchmarks.pruning.curves
    python -m benchmarks.pruning.run --seeds 0-39

`curves` trains two hundred random configurations of each of eight tasks once and keeps their
learning curves in `curves.npz`; `run` searches them under several pruners and reports the regret
after so much training.
"""
