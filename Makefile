# The rooms of this file: help (what there is), .venv (install), demo, test, check, shots, bench.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check shots bench lock
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):.*## (.*)/make \1\t\2/' | expand -t 14

# .venv/.runtime and .venv/.dev are stamps: installing is done again when one of these files has changed.
SOURCES := pyproject.toml package.json package-lock.json hatch_build.py requirements.lock

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-virtualenv --constraint requirements.lock --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-virtualenv --constraint requirements.lock --editable '.[dev,postgres]'
	@touch $@

.PHONY: .venv
.venv: $(VENV)/.runtime ## install what the portal needs, or refresh it

demo: $(VENV)/.runtime ## start the portal with invented people and a sandbox; RESET=1 begins anew
	@exec $(BIN)/portal demo $(if $(RESET),--reset)

test: $(VENV)/.dev ## run the tests
	@$(BIN)/python tests/find_chromium.py
	$(BIN)/python -m pytest -n 2

check: $(VENV)/.dev ## format, lint, types, import rules, templates, conformance
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates

lock: $(VENV)/.dev ## write requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
		--python-version 3.11 --extra dev --extra postgres --extra conformance -o requirements.lock pyproject.toml
