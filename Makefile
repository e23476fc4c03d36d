# make run: set up, digitize the shipped sample dossier. make test: set up, check and test.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-server setup-dev run test test-slow check train-reader train-tagger lock

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## make .venv with the locked dependencies
	@scripts/setup.sh runtime

run: setup ## digitize the sample dossier (a birth registration)
	@HOSO_HOME="$${HOSO_HOME:-$(CURDIR)/.hoso}" .venv/bin/hoso digitize samples/birth_registration --procedure 1.001193 || [ $$? -eq 3 ] # 3: a person is asked

setup-server: ## the same with PostgreSQL's driver and SeaweedFS, for several machines
	@scripts/setup.sh server

setup-dev:
	@scripts/setup.sh dev

check: setup-dev ## formatting, lint, types, arrows between rooms
	@.venv/bin/ruff format --check . && .venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

test: check ## check, then the fast tests
	@.venv/bin/pytest

test-slow: setup-dev ## the slow and browser lanes
	@.venv/bin/pytest -m 'slow or browser'

train-reader: ## train our line recogniser again: make train-reader DATA=folder (needs the extra `train`)
	@.venv/bin/python -m models.training --data $(DATA) --out $(or $(OUT),build/reader)

train-tagger: ## train the field tagger again on generated forms (needs the extras `train` and `synthesis`)
	@.venv/bin/python -m models.training.tagger --out $(or $(OUT),build/tagger) --pages 6000 --steps 1500

lock: setup-dev ## resolve pyproject.toml into locks/
	@scripts/lock.sh
