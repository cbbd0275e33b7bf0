# The house's commands. Each prepares what it needs; nothing has to be installed but Python 3.11 and make.
.DEFAULT_GOAL := help
.PHONY: help run stop fresh test check format bench pictures new-programme lock ready-to-run ready-to-test ready-to-bench

PYTHON ?= python3
BIN := .venv/bin/python
JOBS ?= auto

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: ready-to-run  ## start everything, with the demonstration: open the address it prints
	@$(BIN) -m portal.services.supervisor

stop: ready-to-run  ## stop what `make run` started in another window
	@$(BIN) -m portal.services.supervisor stop

fresh: stop  ## forget the local data; the next `make run` begins anew
	@sleep 3; rm -rf .local/pg .local/pg.* .local/valkey .local/prepared.json .local/mailbox .local/media .local/beat*

test: ready-to-test  ## every test, browser journeys too
	@$(BIN) -m scripts.chromium
	@$(BIN) -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

check: ready-to-test  ## style, types, import contracts, migrations, translations, templates
	@$(BIN) -m scripts.check

format: ready-to-test  ## put style right
	@$(BIN) -m ruff check -q --fix . ; $(BIN) -m ruff format -q .

bench: ready-to-bench  ## the performance bars, as ratios of one run (ARGS="--full", ARGS="--only engine")
	@$(BIN) -m tests.bench $(if $(ENGINES),--engines $(ENGINES)) $(ARGS)

pictures: ready-to-test  ## the pictures of the README, taken from the running product
	@$(BIN) -m scripts.chromium
	@$(BIN) -m scripts.pictures

new-programme: ready-to-run  ## a folder for a new programme: make new-programme NAME=winter_fuel
	@$(BIN) manage.py new_programme $(NAME)

lock:  ## pin the dependencies anew, after a change of requirements/*.in (needs uv)
	@for set in base embedded test bench openfisca; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    requirements/$$set.in -o requirements/$$set.txt || exit 1; \
	done

ready-to-run:
	@$(PYTHON) scripts/prepare.py run

ready-to-test:
	@$(PYTHON) scripts/prepare.py test

ready-to-bench:
	@$(PYTHON) scripts/prepare.py bench
