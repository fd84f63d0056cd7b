# The two commands of a newcomer are `make up` and `make test`; `make` alone lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

BIN := .venv/bin
ARGS ?=
ROUNDS ?= 5
EXAMPLES ?= 20
WORKERS ?= 3
SHELL_SCRIPTS := .ci/run $(wildcard setup/*.sh broker/*.sh)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help
help: ## list these commands
	@echo 'make COMMAND [ARGS="…"] [PYTHON=…]'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: ## prepare everything that up and test need; starts nothing
	@setup/install.sh

.PHONY: up
up: install ## run the whole platform with a simulated fleet until Ctrl-C (ARGS="--http-port 9000")
	@exec $(BIN)/hydroalert up $(ARGS)

.PHONY: test
test: install ## run the tests on private databases and brokers (ARGS="tests/wire -k tag", WORKERS=0 for one process)
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal --quiet $(ARGS)

.PHONY: check
check: install ## read the code: style, types, import directions, scripts, container files, freshness of vectors
	@failed=0; \
	look() { echo "── $$*"; "$(BIN)/$$1" "$${@:2}" || failed=1; }; \
	look ruff check .; \
	look ruff format --check .; \
	look mypy; \
	MYPYPATH=setup look mypy setup/contained.py setup/prove-up.py; \
	look lint-imports; \
	look shellcheck $(SHELL_SCRIPTS); \
	look hadolint Dockerfile; \
	look python firmware-protocol/vectors/generate.py --check; \
	exit $$failed

.PHONY: audit
audit: install ## known flaws of everything that is locked (asks the package index), and of our own code
	$(BIN)/ruff check --select S --ignore S101 .
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		$(foreach file,$(wildcard requirements/*.txt),--requirement $(file))

.PHONY: format
format: install ## put the code into its agreed style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: bench
bench: install ## measure the bridge against a bare subscriber (ARGS="--help" tells more)
	@exec $(BIN)/python -m benchmarks $(ARGS)

.PHONY: fuzz
fuzz: install ## ask every route over HTTP what nobody should, as people of each role (EXAMPLES=20)
	@HYDROALERT_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest tests/api/test_fuzzed.py $(ARGS)

.PHONY: chaos
chaos: install ## kill any process under load, then compare ledger, warnings and outboxes (ROUNDS=5)
	@exec $(BIN)/python -m chaos --rounds $(ROUNDS) $(ARGS)

.PHONY: lock
lock: install ## write requirements/ anew after a change of dependencies (ARGS="--upgrade" for newer versions)
	$(COMPILE) $(ARGS) pyproject.toml --output-file requirements/runtime.txt
	$(COMPILE) $(ARGS) pyproject.toml --group dev --output-file requirements/dev.txt
	$(COMPILE) $(ARGS) --group pyproject.toml:build --output-file requirements/build.txt
	echo uv | $(COMPILE) $(ARGS) - --output-file requirements/uv.txt
