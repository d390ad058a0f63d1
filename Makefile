# make run    the portal in demo mode on http://127.0.0.1:8000   (PORT=… DATA=…)
# make test   everything that must hold; installs what it needs
# make help   the other targets

PORT ?= 8000
DATA ?= var
VENV ?= .venv
PYTEST_FLAGS ?=

python := $(VENV)/bin/python
pip := $(python) -m pip -qq --disable-pip-version-check install --require-hashes --no-deps

.DEFAULT_GOAL := help
.PHONY: help run test check types lint bench messages format lock pictures

help:
	@echo "make run       start the portal in demo mode on http://127.0.0.1:$(PORT) (PORT=…, DATA=…)"
	@echo "make test      check, then every test"
	@echo "make check     lint, format, types, import rules, templates, messages"
	@echo "make bench     measure, print a table, write bench/results.json"
	@echo "make messages  collect what people read into the Hindi catalogues"
	@echo "make format    format Python and templates"
	@echo "make lock      pin and hash requirements/*.in anew (needs uv)"
	@echo "make pictures  take docs/pictures/ anew from a running portal"

run: $(VENV)/.runtime
	@exec $(python) -m sehat run --port $(PORT) --data $(DATA)

test: check
	@tools/install-test-tools
	@tools/run-tests $(python) $(PYTEST_FLAGS)

check: $(VENV)/.dev
	@$(MAKE) --no-print-directory -j2 types lint

types:
	$(python) -m mypy

lint:
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(VENV)/bin/lint-imports --no-cache
	$(python) -m djlint --check --quiet sehat
	$(python) -m sehat messages --check

bench: $(VENV)/.dev
	@tools/install-test-tools
	$(python) -m bench.run

messages: $(VENV)/.dev
	$(python) -m sehat messages --collect

format: $(VENV)/.dev
	$(python) -m ruff check --fix .
	$(python) -m ruff format .
	-$(python) -m djlint --reformat --quiet sehat

pictures: $(VENV)/.dev
	$(python) docs/pictures.py
	$(python) docs/papers.py

lock:
	cd requirements && for set in runtime s3 dev; do \
		uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
			--no-emit-index-url --no-annotate --no-header $$set.in -o $$set.txt || exit 1; \
	done

# Stamps: each is redone only when its list has changed.
$(VENV)/bin/python:
	@found=$$(tools/find-python) && echo "Making $(VENV) with $$found" && "$$found" -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt | $(VENV)/bin/python
	@echo "Installing what the portal needs (once; a minute or two)"
	@$(pip) -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing what the checks and tests need (once; a minute or two)"
	@$(pip) -r $<
	@touch $@ $(VENV)/.runtime
