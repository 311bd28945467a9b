# Two commands on a machine with only python3 (3.11 or newer) and make: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
# Compiled modules are kept: a test run starts some hundred processes, and each would compile a thousand of them again.
unexport PYTHONDONTWRITEBYTECODE
UV := $(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python
say = @printf '\033[36m%s\033[0m\n' "$(1)"
.DEFAULT_GOAL := help
.PHONY: help demo test test-sqlite test-postgres check fix bench lock messages docs clean

help: ## What there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/run ## Install what is needed and start Borging with an organisation to look around in
	@$(BIN)/borging demo

test: test-sqlite test-postgres ## The whole suite on SQLite, and all of it that uses a database on PostgreSQL

test-sqlite: .venv/dev
	$(call say,Tests on SQLite)
	@$(BIN)/pytest -n auto

test-postgres: .venv/dev
	$(call say,Tests on PostgreSQL)
	@$(BIN)/python -m tools.postgres $(BIN)/pytest -n auto -m "django_db and not browser"

check: .venv/dev ## Style, types, directions, migrations, translations, security
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings borging.web.settings
	$(BIN)/python -m tools.messages check
	$(BIN)/bandit --quiet --recursive src --configfile pyproject.toml
	$(BIN)/python -m tools.leaks

fix: .venv/dev ## Put style and imports right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/bench ## Compare our speed with the alternatives (takes a while)
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.planning
	@$(BIN)/python -m benchmarks.answers
	@$(BIN)/python -m benchmarks.crashes --moments 3

messages: .venv/dev ## Collect the sentences to translate into the nl files
	$(BIN)/python -m tools.messages collect

lock: .venv/uv ## Pin every dependency with its hashes again
	@for name in base dev bench; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    pyproject.toml requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done
	@for name in uv node; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done

clean: ## Remove what was installed and built
	rm -rf .venv node_modules var src/borging/web/static/vendor src/borging/figures/fonts

# --- what is installed, once each -------------------------------------------------------------------------------------

.venv/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Borging needs Python 3.11 or newer; this is $$($(PYTHON) --version)."; exit 1; }
	$(call say,1/4 Making a virtual environment in .venv)
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "This python3 cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/packages: .venv/uv requirements/base.txt pyproject.toml
	$(call say,2/4 Installing the libraries)
	@$(UV) -r requirements/base.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/assets: .venv/uv package-lock.json tools/assets.py requirements/node.txt
	$(call say,3/4 Fetching the design system and the fonts)
	@command -v npm >/dev/null || $(UV) -r requirements/node.txt
	@$(BIN)/python tools/assets.py
	@touch $@

.venv/messages: .venv/packages tools/messages.py $(wildcard src/borging/locale/*/LC_MESSAGES/*.po src/borging/*/locale/*/LC_MESSAGES/*.po)
	$(call say,4/4 Compiling the translations)
	@$(BIN)/python -m tools.messages compile
	@touch $@

.venv/run: .venv/packages .venv/assets .venv/messages
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(call say,Installing the test and check tools)
	@$(UV) -r requirements/dev.txt
	@touch $@

.venv/bench: .venv/dev requirements/bench.txt
	$(call say,Installing the libraries to compare with)
	@$(UV) -r requirements/bench.txt
	@touch $@
