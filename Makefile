# `make demo` and `make test` need make and one of these Pythons, nothing else: what they use is put into .venv the first
# time, with the newest of them that works here, or with the one that PYTHON=… names.

PYTHONS := 3.14 3.13 3.12 3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-dates test-deploy test-pythons coverage lint pictures pythons

help:
	@echo "make demo              the whole integration at work, on this machine alone; Ctrl-C ends it"
	@echo "make demo ARGS=--once  the same without the web server; ends by itself"
	@echo "make test              the tests"
	@echo "make test-slow         the long ones: every crash point, real processes killed, every form of Finago's dates"
	@echo "make test-dates        the three flows with Finago's dates in every form, in winter and summer time"
	@echo "make test-deploy       deploy/ carried out in containers of this machine: Debian, root, half an hour"
	@echo "make test-pythons      the tests on every Python that works here, each in a .venv of its own"
	@echo "make coverage          the tests, and how much of the package they run"
	@echo "make lint              style, format, types and floors"
	@echo "make pictures          the pictures of docs/pictures, taken anew; needs Chromium"
	@echo "make pythons           the Pythons that work here; make takes the first, or PYTHON=..."

demo: $(READY)
	@$(BIN)/qondor-finago demo $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow and not installed" $(ARGS)

test-slow: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m slow $(ARGS)
	@$(MAKE) --no-print-directory test-dates forms_of_dates=summer-mixed

test-dates: $(READY)
	@for form in $(forms_of_dates); do \
		echo "The three flows in $${form%-*}, Finago's dates $${form#*-}:"; \
		SEASON=$${form%-*} FINAGO_DATES=$${form#*-} \
			$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow" $(flows) $(ARGS) || exit 1; \
	done

# Nobody knows whether Finago's dates carry a zone. In winter and without one is how `make test` runs; `make test-slow` runs
# the form that is furthest from it.
forms_of_dates := winter-mixed summer-mixed summer-naive
flows := $(addprefix tests/end_to_end/,invoices customers_and_projects costs_and_sales)

# One process: there is one installation, and the tests stand in the order of its life.
test-deploy: $(READY)
	@$(BIN)/python -m pytest -q -rs -m installed tests/deploy/installed $(ARGS)

test-pythons:
	@for python in $(shell $(find_pythons)); do \
		$(MAKE) --no-print-directory test PYTHON="$$python" \
			VENV=".venv-$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" || exit 1; \
	done

# Nothing is said here about how long an example of Hypothesis may take: what is measured is slower.
coverage: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow and not installed" --hypothesis-profile=ci --cov --cov-report=term $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet --output-format=concise .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

pictures: $(READY)
	@$(BIN)/python docs/take_pictures.py $(ARGS)

pythons:
	@$(find_pythons)

# That a name is on the PATH is not enough: a shim may have nothing behind it, a distribution may leave venv out. And
# pyenv keeps Pythons that are on no PATH.
PYENV := $(or $(PYENV_ROOT),$(HOME)/.pyenv)
works = -c 'import ensurepip, sqlite3, ssl, sys, venv; sys.exit("%d.%d" % sys.version_info[:2] not in "$(PYTHONS)".split())'
find_pythons = for version in $(PYTHONS); do \
		name=python$$version; \
		for python in $$name $$(which -a $$name 2> /dev/null) "$(PYENV)"/versions/$$version.*/bin/$$name; do \
			"$$python" $(works) > /dev/null 2>&1 && echo "$$python" && break; \
		done; \
	done; true

# A Python that is asked for, and is not the one that is in .venv, makes it anew.
ifdef PYTHON
ifneq ($(shell "$(PYTHON)" -V 2>&1; true),$(shell $(BIN)/python -V 2>&1; true))
.PHONY: $(READY)
endif
endif

# What pip is at: a bar where there is a terminal to draw it on, nothing where there is none.
progress = if [ -t 1 ]; then \
		all=$$(grep -c == constraints.txt); done=0; full===============================; \
		while read -r does name rest; do \
			case "$$does $$name" in \
				"Collecting "* | "Processing "*) \
					done=$$((done < all ? done + 1 : all)); \
					at=$${name\#\#*/}; at=$${at%%-[0-9]*}; at=$${at%%[][<>=!~;,]*};; \
				"Installing collected") at="putting all in place";; \
				*) continue;; \
			esac; \
			printf '\r  [%-30.*s] %d of %d  %-30.30s' $$((30 * done / all)) $$full $$done $$all "$$at"; \
		done; \
		printf '\r%79s\r' ""; \
	else cat > /dev/null; fi

# Made anew when the pins change; what went wrong stands in the log.
$(READY): pyproject.toml constraints.txt
	@python="$(or $(PYTHON),$(firstword $(shell $(find_pythons))))"; \
	if [ -z "$$python" ]; then echo "Install one of Python $(PYTHONS), or say PYTHON=…"; exit 1; fi; \
	if ! "$$python" $(works); then echo "$$python is none of Python $(PYTHONS), or does not work."; exit 1; fi; \
	echo "Setting up $(VENV) with $$("$$python" -V), $$(command -v "$$python") (once; a minute or two) …"; \
	[ "$$("$$python" -V)" = "$$($(BIN)/python -V 2>&1)" ] || other=--clear; \
	"$$python" -m venv $$other $(VENV)
	@rm -f $@
	@{ $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off \
		--constraint constraints.txt --editable '.[dev]' 2>&1 && touch $@; } | tee $(VENV)/setup.log | { $(progress); }
	@[ -e $@ ] || { tail -n 30 $(VENV)/setup.log; echo "Setting up failed; all of it stands in $(VENV)/setup.log"; exit 1; }
