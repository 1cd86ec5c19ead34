# `make rehearse` runs a stack on this machine; `make test` passes the tests. Both set up what they need.
STACK  ?= oci-jeddah
PYTHON ?= python3
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help rehearse test check format lock benchmark docs clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

rehearse: .venv/.ready .venv-tutor/.ready ## Stand STACK up on this machine, prove it, and say what was not proven
	.venv/bin/python -m rehearsal up $(STACK) $(ARGS)

test: .venv/.ready .venv-tutor/.ready ## Check style and types, run every test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python -m pytest $(ARGS)

format: .venv/.ready ## Format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: .venv/.ready ## Pin every dependency again, with hashes
	for set in runtime dev tutor; do \
	  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url requirements/$$set.in --output-file requirements/$$set.txt $(ARGS) || exit 1; \
	done

benchmark: .venv/.ready .venv-tutor/.ready ## Measure a warm rehearsal and an unchanged preview against the engine's floor
	.venv/bin/python -m benchmarks $(STACK)

docs: .venv/.ready ## Make the reference of the settings again
	.venv/bin/python -m components.settings.reference > docs/settings.md

clean: ## Stop what runs and remove what was made (not the tools' cache)
	if [ -x .venv/bin/python ]; then .venv/bin/python -m rehearsal down; fi
	rm -rf .rehearsal .venv .venv-tutor

.venv/.ready: requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.venv-tutor/.ready: requirements/tutor.txt
	$(PYTHON) -m venv .venv-tutor
	.venv-tutor/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tutor.txt
	@touch $@
