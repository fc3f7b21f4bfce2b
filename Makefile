# make run     everything from a clean clone to a served page; KB_HOME=... and PORT=... say where
# make test    everything that CI checks
# make lint    ruff, mypy, import-linter
# make quality retrieval, answers and citations on judged sets, in one table
# make bench   speed, as ratios in one run on this machine

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
export KB_HOME ?= $(CURDIR)/.kb
PORT   ?= 8000

.PHONY: run test lint bench quality clean

$(VENV)/.installed: pyproject.toml .ci/constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[dev]'
	touch $@

run: $(VENV)/.installed
	$(BIN)/python -m kb.demonstration.build "$(KB_HOME)/demonstration"
	$(BIN)/kb ingest "$(KB_HOME)/demonstration"
	@$(BIN)/kb serve --port $(PORT) || { echo "make run PORT=8001 serves at another port" >&2; exit 1; }

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	.ci/chromium
	$(BIN)/python -m pytest

quality: $(VENV)/.installed
	$(BIN)/python -m tests.quality

bench: $(VENV)/.installed
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) .kb
