# flow-rules: `make help` lists what can be asked for.
.DEFAULT_GOAL := help
SHELL := /bin/sh
export HOST ?= 127.0.0.1
export PORT ?= 8000
export WORKERS ?= 2
unexport PYTHONDONTWRITEBYTECODE  # every process would compile every module again
RUN := .venv/run.stamp
DEV := .venv/dev.stamp
BIN := .venv/bin

.PHONY: help run setup test check bench soak data wheel format clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(RUN): requirements/run.lock pyproject.toml
	@sh requirements/setup.sh run

$(DEV): requirements/dev.lock pyproject.toml
	@sh requirements/setup.sh dev
	@touch $(RUN)

ifeq ($(HOST),127.0.0.1)  # only this machine can reach it: short links can be tried out
run: export RULES_DEFAULT_TENANT ?= true
run: export RULES_LINK_DOMAIN ?= http://localhost:$(PORT)
endif
run: $(RUN) ## serve on http://127.0.0.1:8000 (HOST, PORT, WORKERS change it)
	@exec $(BIN)/flow-rules serve --host $(HOST) --port $(PORT) --workers $(WORKERS)

setup: $(DEV) ## make .venv with everything development needs

test: check ## check, then the whole suite
	$(BIN)/python -m pytest -q -n 4 --dist worksteal

check: $(DEV) ## lint, format, types, import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV) ## measure ratios against yardsticks, write docs/performance.md
	$(BIN)/python -m tests.bench

soak: $(DEV) ## the long crash and load tests
	$(BIN)/python -m pytest -q -m soak

data: $(DEV) ## rebuild every table of data/ from its sources
	$(BIN)/python data/build.py

wheel: $(DEV) ## build dist/*.whl
	$(BIN)/python -m build --wheel --no-isolation

format: $(DEV) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove .venv and everything built
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
