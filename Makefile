# make run     everything from a clean clone to a served page
# make test    everything that CI checks
# make lint    ruff, mypy, import-linter
# make bench   speed, as ratios in one run on this machine

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
export KB_HOME ?= $(CURDIR)/.kb
PORT   ?= 8000

.PHONY: run test lint bench clean

$(VENV)/.installed: pyproject.toml .ci/constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[dev]'
	touch $@

run: $(VENV)/.installed
	$(BIN)/python -m kb.demonstration.build $(KB_HOME)/demonstration
	$(BIN)/kb ingest $(KB_HOME)/demonstration
	$(BIN)/kb serve --port $(PORT)

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	.ci/chromium
	$(BIN)/python -m pytest

bench: $(VENV)/.installed
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) .kb
