# Each target does its own set-up: Python 3.11 or newer and make are all that is needed beforehand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SET_UP := $(VENV)/.set-up
# Without npm, the tests of the Node libraries are skipped.
NODE_SET_UP := $(if $(shell command -v npm 2>/dev/null),.sdk/node/.set-up)

.PHONY: serve test lint format bench clean

serve: $(SET_UP)  ## start the emulator on http://127.0.0.1:6396 and https://127.0.0.1:6396
	$(BIN)/fake-nexmo serve $(ARGS)

test: $(SET_UP) .sdk/vonage/.set-up .sdk/nexmo/.set-up $(NODE_SET_UP)  ## run all tests, with coverage of branches
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses auto $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --sort=cover
	$(BIN)/coverage report --fail-under=100 --include='fake_nexmo/core/*,*rules.py'

lint: $(SET_UP)  ## ruff (lint and format) and mypy in strict mode
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(SET_UP)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(SET_UP)  ## measure, and print each figure beside its reference
	$(BIN)/python bench/run.py $(ARGS)

clean:
	rm -rf $(VENV) .sdk .bench .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(SET_UP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fake-nexmo needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

# The official client libraries live in virtual environments of their own: their needs contradict each other.
.sdk/%/.set-up: tests/sdk/%.txt
	$(PYTHON) -m venv .sdk/$*
	.sdk/$*/bin/python -m pip install --quiet --requirement tests/sdk/$*.txt
	touch $@

.sdk/node/.set-up:
	mkdir -p .sdk/node
	npm install --prefix .sdk/node --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --silent \
		nexmo@2.9.1 @vonage/server-sdk@3
	touch $@
