# The front door. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install compiled collected demo test lint types layers unit crds e2e e2e-soak soak bench judges chart clean

help: ## list the targets
	@grep -hE '^[a-z][a-z0-9-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## make .venv with kmsctl and what its tests need

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,operator]'
	@touch $@

compiled: install # for tests, which start it hundreds of times, also where Python is told to write no bytecode by itself
	@$(BIN)/python -m compileall -q reconciler

collected: compiled # rewrites the assertions of all tests once, for every process that runs some; what is wrong `unit` tells
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -p no:xdist -p no:cacheprovider --collect-only -qq >/dev/null 2>&1 || true

demo: install ## plan, apply, tamper, drift and repair on the bundled KMS
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/quickstart/demo.sh

test: install ## everything that must hold before a change lands: lint, types, layers, unit
	@$(MAKE) --no-print-directory --jobs=2 --output-sync types lint layers collected
	@$(MAKE) --no-print-directory unit

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/vulture
	$(BIN)/deptry reconciler

types: install
	$(BIN)/mypy

layers: install
	$(BIN)/lint-imports

unit: compiled
	$(BIN)/python -m pytest -n auto --cov --cov-report=term:skip-covered
	$(BIN)/coverage report --include='reconciler/policy/*,reconciler/plan/*' --fail-under=100 --skip-covered

crds: install ## write operator/crds/ anew from schemas/, and the chart's copies
	$(BIN)/python -m reconciler.controller.crds operator/crds
	@$(MAKE) --no-print-directory chart

e2e: compiled ## on a real Kubernetes API server, which the first run builds (minutes)
	$(BIN)/python -m tests.e2e.cluster build
	$(BIN)/python -m pytest -n 3 --no-loadscope-reorder --timeout 600 --reruns 1 -r fER tests/e2e

e2e-soak: install ## tests/e2e/faults for longer: a thousand objects, outages of a minute, sixty kills (a quarter of an hour)
	$(BIN)/python -m tests.e2e.cluster build
	KMSCTL_SOAK=1 $(BIN)/python -m pytest -p no:xdist -p no:cacheprovider -rP tests/e2e/faults

judges: install ## promtool, Helm 3, kube-score and Checkov on what a cluster gets, which the first run builds (ten minutes)
	$(BIN)/python -m tests.e2e.delivery.judges

SOAK ?= 10
soak: compiled ## the laws of the bundled KMS, SOAK times as much (10); permissions, line by line; any property, with examples of chance
	KMSCTL_SOAK=$(SOAK) KMSCTL_SOAK_SEED=$${KMSCTL_SOAK_SEED:-$$(date +%s)} $(BIN)/python -m pytest -n auto -p no:cacheprovider tests/engine/laws tests/workflow/permissions
	KMSCTL_SOAK=$(SOAK) $(BIN)/python -m pytest -n auto -p no:cacheprovider -m hypothesis --ignore=tests/engine/laws

bench: install ## figures for docs/benchmarks.md
	$(BIN)/python -m benchmarks

chart: ## copy into operator/chart what it carries: definitions, alerts, dashboard
	cp operator/crds/*.yaml operator/chart/files/crds/
	rm operator/chart/files/crds/kustomization.yaml
	cp operator/monitoring/alerts.yaml operator/monitoring/dashboard.json operator/chart/files/monitoring/

clean: ## remove what the other targets made
	rm -rf $(VENV) .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .kmsctl build dist
