# Two commands do everything: `make serve` and `make test`. Each prints what it does.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help install serve test check format lint types imports fresh-index floors asked faults bench clean

help:            ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(STAMP): requirements.lock pyproject.toml
	@echo "Creating $(VENV) and installing what the project needs (about 1.7 GB, two minutes) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %s" % sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.lock)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

install: $(STAMP) ## makes .venv with exact versions

serve: install   ## builds the index if it is missing or stale, then serves http://127.0.0.1:7860
	@echo "Starting Chapter and Verse; stop it with Ctrl-C."
	$(BIN)/python app.py

test: install    ## runs the tests
	@echo "Running the tests (several minutes; browser tests need Debian's chromium) ..."
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: install format lint types imports fresh-index ## all that the gate runs; tests and floors side by side
	@$(MAKE) --no-print-directory -j2 test asked

format: install
	$(BIN)/ruff format --check .

lint: install
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

fresh-index: install
	@mkdir -p runs && rm -rf runs/index
	$(BIN)/chatbot index build --index runs/index

floors: install fresh-index  ## asks the 903 cases and holds the figures against the pinned floors
	@$(MAKE) --no-print-directory asked

asked:
	$(BIN)/chatbot eval domain --index runs/index --data tests/cases --json runs/cases.json
	$(BIN)/chatbot eval floors runs/cases.json

faults: install  ## kills, errors, full disks, corruption: every fault that the index must survive, counted (Linux, strace; minutes)
	$(BIN)/python tests/faults.py

bench: install   ## speed and quality beside baselines measured in the same run; writes runs/bench.json
	$(BIN)/python tests/bench.py

clean:           ## removes what can be made again
	rm -rf $(VENV) index/[0-9a-f]* index/current index/.lock runs .pytest_cache .mypy_cache .ruff_cache
