# `make up` and `make test` each work as the first command after a clone. They need Python 3.11 to 3.13 and nothing else.
# PORT and CARELEDGER_DATA_DIR are read from the environment. PYTHON= names the interpreter for .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?=
VENV := .venv
PY := $(VENV)/bin/python
PACKAGES := domain application projections reports api workers cli
# Three, because many tests wait for a process or a clock; whoever is done takes over from who is not.
SPREAD ?= -n 3 --dist worksteal
SHARE ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || date +%F)
PYTEST_FLAGS ?=
BENCH ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A stamp carries the checksum of what it was installed from, so a pull that changes a pin makes it stale.
# The tool settings at the end of pyproject.toml are left out: they change nothing that is installed.
checksum = $(shell { pwd; cat $(1); sed '/^\[tool\.ruff/,$$d' pyproject.toml; } | cksum | tr ' ' '-')
RUNTIME_STAMP := $(VENV)/.runtime-$(call checksum,requirements/runtime.txt)
DEV_STAMP := $(VENV)/.dev-$(call checksum,requirements/dev.txt)

# An interpreter that was removed or moved leaves an environment whose stamps lie.
ifneq ($(shell $(PY) -c 'print("alive")' 2>/dev/null),alive)
.PHONY: $(RUNTIME_STAMP) $(DEV_STAMP)
endif

.PHONY: help up venv venv-dev lint test test-slow test-share bench lock clean

help:
	@echo 'make up         install into .venv and start CareLedger on 127.0.0.1:$${PORT:-8080}'
	@echo 'make test       every check and every test that is not slow'
	@echo 'make test-slow  the slow tests, and every law with a thousand examples'
	@echo 'make test-share a few of the slow tests; SHARE= is the word that chooses them, the commit if none is given'
	@echo 'make lint       ruff, mypy and import-linter alone'
	@echo 'make bench      how far it is from the limit of its database; BENCH= names groups'
	@echo 'make lock       pin the dependencies anew'
	@echo 'make clean      remove .venv and the caches; the data directory stays'

up: $(RUNTIME_STAMP)
	@exec $(VENV)/bin/careledger up

venv: $(RUNTIME_STAMP)

venv-dev: $(DEV_STAMP)

lint: $(DEV_STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy --strict $(PACKAGES)
	$(VENV)/bin/lint-imports

# Workers and the processes of tests start by the hundred: what one has compiled, the next one finds.
test test-slow test-share: export PYTHONDONTWRITEBYTECODE :=

test: lint
	$(PY) -m pytest $(SPREAD) -m 'not slow' $(PYTEST_FLAGS)

test-slow: $(DEV_STAMP)
	HYPOTHESIS_PROFILE=wide $(PY) -m pytest -n 2 -m slow $(PYTEST_FLAGS)
	HYPOTHESIS_PROFILE=wide $(PY) -m pytest -n 2 -m 'hypothesis and not slow' --timeout 1800 $(PYTEST_FLAGS)

test-share: $(DEV_STAMP)
	HYPOTHESIS_PROFILE=wide $(PY) -m pytest -n 2 --dist worksteal -v --share '$(SHARE)' $(PYTEST_FLAGS)

bench: $(DEV_STAMP)
	$(PY) -m benchmarks $(BENCH)

lock: $(DEV_STAMP)
	$(PY) -m pip install --quiet 'uv>=0.9,<1'
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --upgrade pyproject.toml --group build -o requirements/runtime.txt
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --upgrade pyproject.toml --group build --group dev \
		-c requirements/runtime.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The development set holds the runtime set, so it satisfies both stamps.
$(DEV_STAMP): requirements/dev.txt
	@PYTHON='$(PYTHON)' sh requirements/install.sh $(VENV) requirements/dev.txt
	@rm -f $(VENV)/.runtime-* $(VENV)/.dev-*
	@touch $(RUNTIME_STAMP) $@

$(RUNTIME_STAMP): requirements/runtime.txt
	@PYTHON='$(PYTHON)' sh requirements/install.sh $(VENV) requirements/runtime.txt
	@rm -f $(VENV)/.runtime-*
	@touch $@
