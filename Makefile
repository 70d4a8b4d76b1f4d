PYTHON ?= python3
PORT ?= 8000
HOUSEHOLDS ?= 60000
BIN = .venv/bin

.PHONY: help run test check bench data requirements messages clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/'

run: .venv/run  ## set everything up and serve the demo program on http://127.0.0.1:8000
	CONNECTIVITY_MODE=demo $(BIN)/flask database upgrade
	CONNECTIVITY_MODE=demo $(BIN)/flask reference load
	CONNECTIVITY_MODE=demo $(BIN)/flask demo create --households $(HOUSEHOLDS) --seed 1 --once
	CONNECTIVITY_MODE=demo $(BIN)/flask equity compute
	CONNECTIVITY_MODE=demo PORT=$(PORT) $(BIN)/python app.py

test: .venv/dev  ## set up and run every test, with lint, types and import contracts
	$(BIN)/pytest -n 2

check: .venv/dev  ## lint, format, types, import contracts, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_templates.py

bench: .venv/dev  ## run every benchmark and print its figures
	@for one in benchmarks/[a-z]*.py; do echo "== $$one"; $(BIN)/python -m benchmarks.$$(basename $$one .py) || exit 1; done

data: .venv/dev  ## rebuild data/ from the libpysal wheel and data/sources
	$(BIN)/python -m connectivity.reference.build

requirements: .venv/dev  ## pin the newest versions that pyproject.toml allows, with hashes
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --upgrade pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --upgrade -c requirements/run.txt pyproject.toml --group dev -o requirements/dev.txt

messages: .venv/dev  ## collect every translatable text into connectivity/translations/messages.pot
	$(BIN)/pybabel extract -F pyproject.toml -k lazy_gettext -k _l -k N_ -o connectivity/translations/messages.pot .

clean:  ## remove the environment and local databases
	rm -rf .venv instance

.venv/run: requirements/run.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	touch $@

.venv/dev: requirements/dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@ .venv/run
