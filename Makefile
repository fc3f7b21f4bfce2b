# make run     everything from a clean clone to a served page; KB_HOME=... and PORT=... choose the folder and the port
# make test    everything that CI checks
# make lint    ruff (style, complexity), mypy, import-linter (layers, cycles); tests/test_house.py has the other limits
# make quality retrieval, answers and citations on judged sets, in one table
# make bench   speed, as ratios in one run on this machine
# make fuzz    coverage-guided fuzzing of readers and text functions, SECONDS of each; finds are kept in tests/finds
# make torture kill -9 of the watcher and of ingest, again and again; prints what it checked (some 15 minutes)
# make lock    write requirements.txt and requirements-dev.txt anew from the ranges in pyproject.toml (needs uv)

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
export KB_HOME ?= $(CURDIR)/.kb
PORT   ?= 8000
SECONDS ?= 60

# Only what the lock files name, checked by hash. Python compiles a module at its first import: most are never imported.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: run test lint quality bench fuzz torture lock clean

# Enough to serve, search and ingest, and to build the demonstration collection: no torch.
$(VENV)/.run: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --requirement requirements.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

# All extras; sentence-transformers is the reference that the shipped encoder is tested against.
$(VENV)/.installed: $(VENV)/.run requirements-dev.txt .ci/torch.txt
	$(INSTALL) --require-hashes --no-deps --requirement requirements-dev.txt
	$(INSTALL) --requirement .ci/torch.txt
	$(BIN)/python -m pip check
	touch $@

run: $(VENV)/.run
	@$(BIN)/kb demo --port $(PORT) || { echo "make run PORT=8001 serves at another port" >&2; exit 1; }

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	.ci/packages
	$(BIN)/python -m pytest

quality: $(VENV)/.installed
	$(BIN)/python -m tests.quality

bench: $(VENV)/.installed
	$(BIN)/python -m tests.bench

# atheris (libFuzzer for Python, Apache-2.0) is no extra and in no lock file: 35 MB, on Linux alone, that nothing else needs.
fuzz: $(VENV)/.installed
	$(BIN)/python -c "import atheris" 2>/dev/null || $(INSTALL) "atheris>=3,<4"
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

torture: $(VENV)/.installed
	$(BIN)/python -m tests.torture

lock:
	.ci/lock

clean:
	rm -rf $(VENV) .kb
