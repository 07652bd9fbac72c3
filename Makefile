# `make demo` and `make test` need Python 3.11 and make, nothing else: what they use is put into .venv the first time.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint pictures

help:
	@echo "make demo              the whole integration at work, on this machine alone; Ctrl-C ends it"
	@echo "make demo ARGS=--once  the same without the web server; ends by itself"
	@echo "make test              the tests"
	@echo "make test-slow         the long ones: every crash point, real processes killed"
	@echo "make lint              style, types and floors"
	@echo "make pictures          the pictures of docs/pictures, taken anew; needs Chromium"

demo: $(READY)
	@$(BIN)/qondor-finago demo $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow" $(ARGS)

test-slow: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m slow $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

pictures: $(READY)
	@$(BIN)/python docs/take_pictures.py $(ARGS)

# Made anew when the pins change; what went wrong stands in the log.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) is not there: install Python 3.11, or say PYTHON=…"; exit 1; }
	@echo "Setting up $(VENV) (once; a minute or two) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev]' > $(VENV)/setup.log 2>&1 \
		|| { cat $(VENV)/setup.log; exit 1; }
	@touch $@
