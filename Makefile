# Everything that is done with this project, from a fresh clone on. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
PEERS := .venv-peers
SOURCES := pyproject.toml constraints.txt

SMALL_MODEL := smollm2-135m
CODE_MODEL := qwen2.5-coder-0.5b

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

.PHONY: help demo lab test check format bench bench-peers notebooks weights weights-small weights-code wheel test-wheel clean

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(STAMPS)/lab weights ## Install, bring two local models, execute the quickstart, leave it under build/demo
	$(BIN)/python tools/execute_notebook.py --to build/demo notebooks/quickstart.ipynb

lab: $(STAMPS)/lab weights ## Open the quickstart in JupyterLab
	$(BIN)/jupyter lab notebooks/quickstart.ipynb

test: $(STAMPS)/dev weights-small ## Run every test; core and engine must be covered to the last branch
	mkdir -p build
	$(BIN)/python -m pytest --cov --cov-report= 2>&1 | tee build/pytest.txt
	$(BIN)/coverage report --include='nubem_jupyter/core/*,nubem_jupyter/engine/*' --skip-covered --fail-under=100
	@tail -n 1 build/pytest.txt

check: $(STAMPS)/dev ## Look at format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMPS)/dev ## Lay out the source
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMPS)/dev ## Measure; each benchmark prints ratios
	for bench in benchmarks/bench_*.py; do echo "== $$bench"; $(BIN)/python "$$bench"; done
	@echo "== benchmarks/flow"
	$(BIN)/python -m benchmarks.flow

bench-peers: $(STAMPS)/dev $(PEERS)/installed ## Measure the engine beside its peers, installed into an environment of their own
	$(BIN)/python -m benchmarks.flow --python $(PEERS)/bin/python

notebooks: $(STAMPS)/lab weights ## Execute every notebook, leave them under build/notebooks
	$(BIN)/python tools/execute_notebook.py --to build/notebooks notebooks/*.ipynb

weights: weights-small weights-code ## Bring the weights of two local models

wheel: $(STAMPS)/dev ## Build wheel and sdist under dist
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

test-wheel: wheel weights-small ## Run the tests against the installed wheel, the source tree out of the way
	tools/test_wheel.sh "$(PYTHON)"

clean: ## Take away what was built; the virtual environment and the weights stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage

# The virtual environment, and what stands in it; a stamp is older than its sources when they have changed.

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/lab: $(STAMPS)/venv $(SOURCES)
	$(BIN)/python tools/need_libgomp.py
	$(PIP) --editable '.[local,lab,retrieval]'
	touch $@

$(STAMPS)/dev: $(STAMPS)/venv $(SOURCES)
	$(BIN)/python tools/need_libgomp.py
	$(PIP) --editable '.[local,lab,litellm,redis,data,mcp,retrieval,dev]'
	touch $@ $(STAMPS)/lab

$(PEERS)/installed: benchmarks/flow/peers.txt | $(STAMPS)/venv
	test -x $(PEERS)/bin/python || $(BIN)/python -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	touch $@

# Asked each time, since weights lie outside this folder; those that are there are only looked at.

weights-small: $(STAMPS)/lab
	$(BIN)/nubem models pull $(SMALL_MODEL)

weights-code: $(STAMPS)/lab
	$(BIN)/nubem models pull $(CODE_MODEL)
