# The house commands. Only Python 3.11+, make and a network are needed.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# jieba comes as pure-Python source, everything else as a wheel, so that no compiler is needed.
INSTALL := $(PIP) install --quiet --require-hashes --only-binary :all: --no-binary jieba
SERVE ?= 1
export PYTHONUTF8 := 1

.PHONY: help demo test check services-test bench lock clean

help:  ## what can be done here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更高版本")'
	@$(PYTHON) -m venv $(VENV)

# The stamps are written last: an install that was broken off is done again.
$(VENV)/.base: requirements/base.txt | $(BIN)/python
	@echo "安装运行所需的库（首次约一两分钟）…"
	@$(INSTALL) -r requirements/base.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@echo "安装测试与检查所需的库…"
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.base  ## set up, run the main job on the demo city, serve on 127.0.0.1:8000 (SERVE=0: stop after the job)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo
	@if [ "$(SERVE)" != "0" ]; then $(BIN)/python manage.py runserver --noreload 127.0.0.1:8000; fi

test: $(VENV)/.dev  ## the tests on the embedded database, in random order
	@$(BIN)/pytest --no-migrations -n 2 --dist loadfile

check: $(VENV)/.dev  ## format, lint, types, import contracts, missing migrations, documents, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	@$(BIN)/pytest -n 2 --dist loadfile

services-test: export DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
services-test: export CELERY_BROKER_URL ?= redis://127.0.0.1:6379/0
services-test: $(VENV)/.dev  ## the tests on PostgreSQL, with Redis, a real worker and Chromium
	@$(BIN)/pytest -n 2 --dist loadfile -m "services or not services"

bench: $(VENV)/.dev  ## measurements, each beside its named baseline
	@$(BIN)/python -m tests.bench

lock:  ## compile requirements/ from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/base.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements/dev.txt

clean:  ## take away what the commands above have made
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
