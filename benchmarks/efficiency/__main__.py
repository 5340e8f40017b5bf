"""The command line; see the package."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.efficiency import tasks
from benchmarks.efficiency.ceiling import ceiling
from benchmarks.efficiency.curves import draw
from benchmarks.efficiency.install import install
from benchmarks.efficiency.peers import PEERS
from benchmarks.efficiency.report import report
from benchmarks.efficiency.results import FRESH, Results, keep, read_results, update_reference
from benchmarks.efficiency.runs import run
from benchmarks.shared import seeds


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.efficiency")
    commands = parser.add_subparsers(required=True)
    _add_run(commands.add_parser("run", help="run a peer on tasks"))
    _add_report(commands.add_parser("report", help="compare the peers, in Markdown"))
    _add_picture(commands.add_parser("picture", help="draw the curves"))
    _add_ceiling(commands.add_parser("ceiling", help="what one could win who knew the tables"))
    command = commands.add_parser("install", help="install peers, each in its own environment")
    command.add_argument("peers", nargs="*", default=sorted(PEERS))
    command.set_defaults(command=lambda arguments: install(arguments.peers))
    command = commands.add_parser("keep", help="pack the records into the repository")
    command.set_defaults(command=lambda _: print(f"{keep()} records are kept."))
    command = commands.add_parser("reference", help="compute the regrets of models anew")
    command.set_defaults(command=lambda _: update_reference())
    arguments = parser.parse_args()
    arguments.command(arguments)


def _add_run(command: argparse.ArgumentParser) -> None:
    command.add_argument("peer")
    command.add_argument("--tasks", nargs="*", default=[], help="families, halves, or patterns")
    command.add_argument("--seeds", type=seeds, default=list(range(5)), help='such as "0-4"')
    command.add_argument("--evaluations", type=int, default=100)
    command.add_argument("--out", type=Path, default=FRESH)
    command.set_defaults(command=_run)


def _run(arguments: argparse.Namespace) -> None:
    names = tasks.names(arguments.tasks)
    run(arguments.peer, names, arguments.seeds, arguments.evaluations, arguments.out)


def _add_report(command: argparse.ArgumentParser) -> None:
    _add_selection(command)
    command.add_argument("--base", default="optuna", help="the peer to compare with")
    command.add_argument("--at", type=int, nargs="*", default=[50, 100])
    command.set_defaults(command=_report)


def _report(arguments: argparse.Namespace) -> None:
    results = _selected(arguments, max(arguments.at))
    print(report(results, arguments.base, arguments.at, set(tasks.names(arguments.tasks))))


def _add_ceiling(command: argparse.ArgumentParser) -> None:
    command.add_argument("--tasks", nargs="*", default=["HPOBench"], help="tables")
    command.add_argument("--base", default="optuna", help="the peer to compare with")
    command.add_argument("--evaluations", type=int, default=100)
    shares = [0.005, 0.01, 0.02, 0.05]
    command.add_argument("--shares", type=float, nargs="*", default=shares)
    command.set_defaults(command=_ceiling)


def _ceiling(arguments: argparse.Namespace) -> None:
    n, names = arguments.evaluations, tasks.names(arguments.tasks)
    results = Results([r for r in read_results() if r["peer"] == arguments.base], n)
    print(ceiling(results, arguments.base, names, arguments.shares, n))


def _add_picture(command: argparse.ArgumentParser) -> None:
    _add_selection(command)
    command.add_argument("path", type=Path)
    command.add_argument("--evaluations", type=int, default=100)
    command.set_defaults(command=_picture)


def _picture(arguments: argparse.Namespace) -> None:
    results = _selected(arguments, arguments.evaluations)
    chosen = arguments.peers or results.peers
    draw(results, chosen, set(tasks.names(arguments.tasks)), arguments.path)


def _add_selection(command: argparse.ArgumentParser) -> None:
    command.add_argument("--tasks", nargs="*", default=[], help="families, halves, or patterns")
    command.add_argument("--peers", nargs="*", default=[], help="only these")


def _selected(arguments: argparse.Namespace, evaluations: int) -> Results:
    names = set(tasks.names(arguments.tasks))
    records = [record for record in read_results() if record["task"] in names]
    if arguments.peers:
        records = [record for record in records if record["peer"] in arguments.peers]
    return Results(records, evaluations)


if __name__ == "__main__":
    main()
