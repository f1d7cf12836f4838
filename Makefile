# make reports    the five reports into reports/
# make test       everything that is checked
# make lab        the live desk and the notebooks in JupyterLab
# make check      the data against themselves
# make notebooks  execute the stored notebooks again
# make test-table tests, and what they tried into tests/README.md
# make coverage   lines and branches that the tests reach, browser tests aside
# make mutants    whether the tests notice small faults put into the core and the writers
# make third-party the licences of all dependencies into THIRD_PARTY.md
# make bench      how long it takes, beside other ways
# make pictures   the pictures of the README, from the reports and from JupyterLab
# make lint       style and types only
# make .venv      only the environment
#
# All that is needed before is Python 3.11 or newer: `make PYTHON=python3.12 reports` names one.

PYTHON ?= python3
OUT ?= reports
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced
UV := .uv/bin/uv
UV_VERSION := uv>=0.9,<1
# Only compared with, in `make bench`, and not part of the environment; without it that goes on.
ENGINE := ploomber-engine==0.0.33 ploomber-core ploomber-extension debuglater backoff distro posthog colorama

.DEFAULT_GOAL := reports
.DELETE_ON_ERROR:
.PHONY: reports test test-table coverage mutants lab check notebooks pictures lint third-party bench .venv clean

reports: $(STAMP)
	$(BIN)/nissan-analysis render --out $(OUT)

test: lint
	$(BIN)/python -m pytest $(PYTEST)

test-table: $(STAMP)
	$(BIN)/python -m pytest tests -p no:nbval -o addopts= -q --table tests/README.md $(PYTEST)

coverage: $(STAMP)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest tests -p no:nbval -o addopts= -q -m "not browser" $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

mutants: $(STAMP)
	$(BIN)/python tools/mutants.py $(MUTANTS)

third-party: $(STAMP)
	$(BIN)/python tools/third_party.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	-@$(UV) pip install --quiet --python $(BIN)/python --target .bench --no-deps $(ENGINE)
	$(BIN)/python benchmarks/bench.py --write --rounds $(or $(ROUNDS),3) --sizes $(if $(SIZES),$(SIZES),1,12,100)

lab: $(STAMP)
	$(BIN)/nissan-analysis lab

check: $(STAMP)
	$(BIN)/nissan-analysis check

notebooks: $(STAMP)
	$(BIN)/nissan-analysis notebooks

pictures: $(STAMP)
	$(BIN)/python docs/take_pictures.py

.venv: $(STAMP)

# uv lives beside the environment, not in it: `uv sync` removes what the lock does not name.
$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { \
	  echo "Python 3.11 to 3.14 is needed, and '$(PYTHON)' is not one. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(UV) --version >/dev/null 2>&1 || { \
	  $(PYTHON) -m venv --clear .uv && \
	  .uv/bin/python -m pip install --quiet --disable-pip-version-check '$(UV_VERSION)'; }
	UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=$(VENV) \
	  $(UV) sync --frozen --quiet --extra desk --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@touch $@

clean:
	rm -rf $(VENV) .uv .bench .mypy_cache .pytest_cache .ruff_cache
