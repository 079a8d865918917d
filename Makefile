# The product's front door: GNU make 3.81 and any POSIX shell will do. What set-up does is in app/ops/install.
# Recipes `exec`, so that what they start is make's own child and notices when make is killed.

SHELL = /bin/sh
BIN = .venv/bin
ARGS =
MOMENT =
UPGRADE =
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(UPGRADE)

define install
for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exec $$python -I app/ops/install $(1); fi; \
done; \
echo 'shingle: Python 3.11 or later is needed and was not found.' >&2; exit 1
endef

.PHONY: help setup run test soak check format messages lock clean demo-expiry

help:
	@echo 'make run     install what is missing and start Shingle (PORT=8000 unless you choose another)'
	@echo 'make test    install what is missing and run every test (ARGS="-k wizard" for some; MOMENT=2028-02-29T12:00 on another day)'
	@echo 'make soak    type at random on several pages while everything breaks (ARGS="--seed 7 --minutes 40 --database postgresql")'
	@echo 'make demo-expiry  show a forgotten draft being warned about, deleted and purged, in two minutes'
	@echo 'make check   formatting, lint, types and import contracts'
	@echo 'make format  put the code into the form that check wants'
	@echo 'make messages  bring the translations up to the texts in the source; what is new is left empty'
	@echo 'make lock    write the lock files again (UPGRADE=--upgrade for newer versions)'
	@echo 'make clean   remove what was installed; what providers made stays in var/'

setup:
	@$(call install,check)

run:
	@$(call install,run)
	@exec $(BIN)/python -I app/ops/run

test:
	@$(call install,test)
	@exec $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal $(if $(MOMENT),--moment $(MOMENT)) $(ARGS)

soak:
	@$(call install,test)
	@exec $(BIN)/python -m tests.browser.typist $(ARGS)

demo-expiry:
	@$(call install,check)
	@exec $(BIN)/python -c 'from app import create_app; from app.ops.demo_expiry import main; main(create_app)'

check:
	@$(call install,check)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	MYPYPATH=app/ops/install $(BIN)/mypy --explicit-package-bases app/ops/install/*.py
	MYPYPATH=app/media/decoder $(BIN)/mypy --explicit-package-bases app/media/decoder/*.py app/media/decoder/pdf/*.py
	MYPYPATH=app/ops/run $(BIN)/mypy --explicit-package-bases app/ops/run/*.py
	$(BIN)/lint-imports

format:
	@$(call install,check)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages:
	@$(call install,check)
	@exec $(BIN)/python -m app.ops.messages

lock:
	@$(call install,check)
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) --no-deps --group tools -o requirements-tools.txt
	npm install --package-lock-only --ignore-scripts

clean:
	rm -rf .venv node_modules static/vendor
