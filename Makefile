# Pounce. `make chat` and `make test` do all of their own set-up.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Many tests wait for a server, a browser or Ray that they started: four at a time use two cores.
WORKERS ?= 4
# Where it is set, each of some hundred processes compiles the modules again, and so does each worker
# of pytest: a third of its collection.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help chat test thorough check format bench evaluate install browser postgres nginx demo-home clean

help:
	@echo "make chat     set up what is missing, then the chat at http://localhost:8000"
	@echo "make test     set up what is missing, then all checks and tests"
	@echo "make thorough the same, with eight times as much that is drawn by chance (POUNCE_TEST_REPEATS=8)"
	@echo "make check    format, lint, types, direction of imports"
	@echo "make bench    speed, as ratios within one run"
	@echo "make evaluate how good the search is; PHOTOS=FOLDER for real photos, ARGS=... for flags"
	@echo "make clean    remove the environment; nothing of POUNCE_HOME"

chat: $(STAMP)
	@$(BIN)/pounce chat

test: $(STAMP) browser postgres nginx
ifdef TESTS
	@$(MAKE) --no-print-directory check
	@echo "Tests"
	@$(BIN)/python -m pytest $(TESTS)
else
	@$(MAKE) --no-print-directory -j 2 check demo-home
	@echo "Tests (some minutes)"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0
endif

thorough:
	@POUNCE_TEST_REPEATS=8 POUNCE_FUZZ_EXAMPLES=1200 $(MAKE) test

# The built-in shop that the tests share: drawn and ingested once, anew when `tools` changes.
demo-home: $(STAMP)
	@$(BIN)/python -m tests.support.demo_home

check: $(STAMP)
	@echo "Format and lint"
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@echo "Types (half a minute the first time)"
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(STAMP)
	@for part in embedding magiclens int8 search chat page crowd rerank reading insights switching ingest "ingest rows 20000"; do $(BIN)/python -m tests.bench.$$part || exit 1; done

# The built-in shop's own queries, some minutes on two cores. `pounce evaluate` takes other ones.
evaluate: $(STAMP)
	@$(BIN)/pounce evaluate demo $(if $(PHOTOS),--photos "$(PHOTOS)") $(ARGS)

install: $(STAMP)

# torch first and pinned: it is large, and the rest must not pull in another build of it.
$(STAMP): pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Pounce needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>/dev/null || echo not there)."; \
	  echo "Install one and name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "No environment could be made. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing into $(VENV): some minutes and about 3 GB the first time."
	@$(BIN)/python -m pip install --disable-pip-version-check "torch==2.13.0"
	@$(BIN)/python -m pip install --disable-pip-version-check -c .ci/constraints.txt -e ".[dev]"
	@touch $@

# Any Chromium that is there is taken; see .ci/browser for what is tried otherwise.
browser: $(STAMP)
	@.ci/browser $(BIN)/python

# Any PostgreSQL that is there is taken; see .ci/postgres for what is tried otherwise.
postgres:
	@.ci/postgres

# Any nginx that is there is taken; see .ci/nginx for what is tried otherwise.
nginx:
	@.ci/nginx

clean:
	rm -rf $(VENV)
