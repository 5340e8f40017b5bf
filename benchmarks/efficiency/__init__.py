"""How few evaluations a library needs: many tasks, one adapter, every library in its own place.

    python -m benchmarks.efficiency install hebo                    # a peer in a venv of its own
    python -m benchmarks.efficiency run hebo --tasks tables --seeds 0-4
    python -m benchmarks.efficiency report --base optuna
    python -m benchmarks.efficiency picture build/curves.png

A task is a space, written as plain data (`spaces`), and a function of one configuration. A library
is an *adapter* with two calls (`peers`): `ask` gives a configuration, `tell` takes its losses. It
runs in a process of its own (`server`), in the environment that has it, and talks JSON lines with
the process that has the tasks (`client`), so no peer decides which NumPy or scikit-learn evaluates.

A record is one run: which peer, task and seed, and each evaluation that improved the best so far.
What was measured is kept in `results/`; `halves.json` says which tasks were used for tuning and
which for confirmation only.
"""
