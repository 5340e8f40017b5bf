# Two commands do everything on a fresh machine: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV ?= .venv
FRAMEWORKS ?= .venv-frameworks
TORCH ?= torch==2.13.0
N_TRIALS ?= 100
N_EPOCHS ?= 10
WORKERS ?= 2
PAGE ?= build/fashion_mnist.html
BENCH_ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Without bytecode each process of the tests would compile all again; `make clean` removes it.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet

.PHONY: help demo test soak frameworks lint format types imports check bench gallery docs clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.example ## Tune a PyTorch network on Fashion-MNIST and write the plots as one HTML page
	@mkdir -p $(dir $(PAGE))
	$(BIN)/python examples/fashion_mnist.py --trials $(N_TRIALS) --epochs $(N_EPOCHS) --output $(PAGE)
	@echo "Open $(abspath $(PAGE)) in a browser to see the plots."

# Each process computes in one thread: more would only fight for the cores.
test: $(VENV)/.dev ## Run the tests and the examples in the docstrings, in WORKERS=2 processes
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(TEST_ARGS)

soak: $(VENV)/.dev ## Break storages for a long time: kills, cuts and random histories (about an hour)
	STEEP_SOAK=1 $(BIN)/python -m pytest -q tests/storages/machine tests/storages/kills $(TEST_ARGS)

frameworks: $(FRAMEWORKS)/.made ## Test integrations and executors with the real frameworks, in an environment of their own
	KERAS_BACKEND=torch $(FRAMEWORKS)/bin/python -m pytest -q tests/integrations tests/executors $(TEST_ARGS)

lint: $(VENV)/.dev ## Check style and formatting with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev ## Check the types with mypy, strictly
	$(BIN)/mypy

imports: $(VENV)/.dev ## Check that imports point downwards only and that heavy packages load late
	$(BIN)/python tools/check_imports.py

check: lint types imports test ## Everything a change has to pass

bench: $(VENV)/.bench ## Compare the speed of steep with Optuna and Rustuna, side by side
	$(BIN)/python benchmarks/compare.py $(BENCH_ARGS)
	$(BIN)/python benchmarks/storages.py

gallery: $(VENV)/.dev ## Draw every plot as a picture into docs/gallery (needs Chromium)
	$(BIN)/python tools/gallery.py

docs: $(VENV)/.dev ## Build the guides and the reference of the API in build/docs
	$(BIN)/python -m sphinx -b html --fresh-env --quiet --fail-on-warning --keep-going docs build/docs
	@echo "Open $(abspath build/docs/index.html) in a browser to read them."

clean: ## Remove the environment, the caches and what was built
	rm -rf $(VENV) $(FRAMEWORKS) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. Each stamp says that its extra was installed for this pyproject.toml.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "steep needs Python 3.11 or later, and '$(PYTHON)' was not found." \
	       "Install it (Debian: apt install python3 python3-venv), or name yours: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "steep needs Python 3.11 or later, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	       "Name a later one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make a virtual environment: the module venv or ensurepip is missing." \
	       "Install it first (Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "Making the environment in $(VENV) ..."
	$(PYTHON) -m venv $(VENV)
	@touch $@

# PyTorch goes first: it is the largest by far, and the rest then meets its version as installed.
$(VENV)/.torch: $(VENV)/.made
	@echo "Installing $(TORCH), the largest part ..."
	$(PIP) "$(TORCH)"
	@touch $@

$(FRAMEWORKS)/.made: pyproject.toml
	@echo "Making the environment of the frameworks in $(FRAMEWORKS) ..."
	$(PYTHON) -m venv $(FRAMEWORKS)
	$(FRAMEWORKS)/bin/python -m pip install --quiet "$(TORCH)"
	$(FRAMEWORKS)/bin/python -m pip install --quiet --editable ".[frameworks]"
	@touch $@

$(VENV)/.example: pyproject.toml $(VENV)/.torch
	$(PIP) --editable ".[example]"
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.made
	$(PIP) --editable ".[dev]"
	@touch $@

$(VENV)/.bench: pyproject.toml $(VENV)/.made
	$(PIP) --editable ".[bench]"
	@touch $@
