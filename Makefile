# Every target does its own set-up; a fresh machine needs Python 3.11+, git and make.
#
#   make demo    a scripted writer uses the real language server, daemon and model
#   make test    lint, types and all tests (soak excepted)
#   make soak    the heavy counts: kills, hours of typing, long training
#   make model   get and export the default model
#   make lint    ruff and mypy
#   make vscode  build the VS Code extension again after a change to it (needs node 20 and npm)
#   make vsix    a VS Code extension that brings Shadowpen along, in dist/ (needs node 20 and npm)
#   make codemirror  build the script of `shadowpen open` and the plug-ins for Obsidian and JupyterLab again (node 20, npm)
#   make docs    write docs/cli.md and docs/configuration.md again
#   make site    the documentation as a site, in site/
#   make lock    choose the versions in requirements/ again
#   make hashes  write the hashes in requirements/ again, for the versions as they stand there
#   make clean   remove everything that make made, the model too
#
# Variables:
#   PYTHON            the Python to use (found by itself)
#   SHADOWPEN_MODELS  where models lie (.cache/models)
#   PYTEST_ARGS       more arguments for pytest
#   PYTEST_JOBS       how many tests run side by side (one a core, at most 4); one: make test PYTEST_JOBS=1
#   EDITORS           the editors to test plug-ins in, folders of tests/plugins (neovim emacs vim libreoffice codemirror
#                     vscode; `make soak` adds jupyterlab)
#   TORCH_INDEX       an index of torch's CPU builds, for machines where plain pip would bring CUDA (Linux, unless its
#                     pip is set up otherwise): make test TORCH_INDEX=<the CPU index that pytorch.org names>

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$name; break; }; done)
TORCH_VERSION := 2.13.0
UV_VERSION := 0.13.9
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
SERVE_STAMP := .venv/.serve-$(firstword $(shell cat requirements/serve.lock pyproject.toml | cksum))
DEV_STAMP := .venv/.dev-$(firstword $(shell cat requirements/serve.lock requirements/dev.lock pyproject.toml | cksum))

export SHADOWPEN_MODELS ?= $(CURDIR)/.cache/models
DEMO_HOME := $(CURDIR)/.cache/demo
EDITORS ?= neovim emacs vim libreoffice codemirror vscode
PYTEST_JOBS ?= auto
# Files stay whole, so that what a file builds for its tests is built once.
SIDE_BY_SIDE := -n $(PYTEST_JOBS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help demo test soak model editors lint vscode vsix codemirror docs site lock hashes clean

help:
	@sed -n '3,15s/^# *//p' Makefile

# --- environment ------------------------------------------------------------------------------------

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Shadowpen needs Python 3.11 or newer; none was found. Install one, or say where: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. Install its venv package (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv

$(SERVE_STAMP): | .venv/bin/python
	@echo "Installing what completing needs (requirements/serve.lock) ..."
	@$(PIP) --no-deps --require-hashes -r requirements/serve.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@rm -f .venv/.serve-* && touch $@

$(DEV_STAMP): $(SERVE_STAMP)
	@echo "Installing what tests, training and export need (requirements/dev.lock) ..."
	@$(PIP) torch==$(TORCH_VERSION) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	@$(PIP) --no-deps --require-hashes -r requirements/dev.lock
	@rm -f .venv/.dev-* && touch $@

# --- what people call -------------------------------------------------------------------------------

model: $(SERVE_STAMP)
	@test -f "$$SHADOWPEN_MODELS/default/manifest.json" || $(BIN)/shadowpen setup

demo: model $(DEV_STAMP)
	@SHADOWPEN_HOME="$(DEMO_HOME)" $(BIN)/shadowpen demo --learn; status=$$?; \
	SHADOWPEN_HOME="$(DEMO_HOME)" $(BIN)/shadowpen stop >/dev/null; exit $$status

lint: $(DEV_STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

codemirror:
	cd plugins/codemirror && npm ci --ignore-scripts --loglevel=error && npm run --silent check && npm run --silent build

vscode:
	cd plugins/vscode && npm ci --ignore-scripts --loglevel=error && npm run --silent check && npm run --silent build

# Whoever installs it in the editor needs no terminal: it asks, and installs the server that it carries.
vsix: vscode $(DEV_STAMP)
	rm -rf plugins/vscode/server
	$(BIN)/python -m build --no-isolation --wheel --outdir plugins/vscode/server . >/dev/null
	cp requirements/serve.lock plugins/vscode/server/
	mkdir -p dist
	cd plugins/vscode && npx --no-install vsce package --no-dependencies --allow-missing-repository --out ../../dist/shadowpen.vsix

# Real editors, each installed once by the installer beside its tests.
editors: $(DEV_STAMP)
	@for editor in $(EDITORS); do $(BIN)/python tests/plugins/$$editor/install.py || exit 1; done

# Types are checked on one core while the model is exported and editors are installed on the other.
test: $(DEV_STAMP)
	@$(MAKE) --no-print-directory -j 2 lint model editors
	$(BIN)/pytest -m "not soak" $(SIDE_BY_SIDE) $(PYTEST_ARGS)

soak: EDITORS += jupyterlab
soak: $(DEV_STAMP) model editors
	$(BIN)/pytest -m soak $(PYTEST_ARGS)

docs: $(SERVE_STAMP)
	$(BIN)/python docs/generate.py

# mkdocs has an environment of its own, so that nothing else waits for it.
site: docs
	@test -x .cache/site/bin/python || "$(PYTHON)" -m venv --clear .cache/site
	@.cache/site/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r requirements/site.lock
	NO_MKDOCS_2_WARNING=1 .cache/site/bin/mkdocs build --strict
	@echo "Open site/index.html."

# All extras are resolved together, so that serve.lock never holds a version that training cannot live with. torch
# stands without its build tag: each machine takes its own. Run it on the oldest Python that is supported.
lock:
	"$(PYTHON)" -m venv --clear .cache/lock/all
	.cache/lock/all/bin/pip install --quiet hatchling torch==$(TORCH_VERSION) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX))
	.cache/lock/all/bin/pip install --quiet torch==$(TORCH_VERSION) -e '.[cpu,train,export,data,formats,grammar,report,http,monitor,dev]'
	.cache/lock/all/bin/pip freeze --all --exclude pip --exclude-editable | sed 's/+.*//' > .cache/lock/all.lock
	"$(PYTHON)" -m venv --clear .cache/lock/serve
	.cache/lock/serve/bin/pip install --quiet -c .cache/lock/all.lock hatchling -e '.[cpu]'
	.cache/lock/serve/bin/pip freeze --all --exclude pip --exclude-editable > requirements/serve.lock
	grep -vxFf requirements/serve.lock .cache/lock/all.lock > requirements/dev.lock
	rm -rf .cache/lock
	$(MAKE) hashes

# Of every file of each version, so that a lock holds on all systems. Torch is installed before, from the index of each
# machine's own builds, and is there already when dev.lock is read. A line NAME==VERSION added by hand gets its hashes here.
hashes:
	"$(PYTHON)" -m venv --clear .cache/hashes
	.cache/hashes/bin/pip install --quiet uv==$(UV_VERSION)
	@for name in serve dev site; do grep -oE '^[A-Za-z0-9][^ ;]*==[^ ;]+' requirements/$$name.lock > .cache/hashes/$$name.in && \
	.cache/hashes/bin/uv pip compile --quiet --universal --no-deps --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --python-version 3.11 .cache/hashes/$$name.in -o .cache/hashes/$$name.lock && \
	mv .cache/hashes/$$name.lock requirements/$$name.lock || exit 1; done
	rm -rf .cache/hashes

clean:
	@test ! -x $(BIN)/shadowpen || SHADOWPEN_HOME="$(DEMO_HOME)" $(BIN)/shadowpen stop >/dev/null 2>&1 || true
	rm -rf .venv .cache plugins/vscode/node_modules plugins/vscode/server build dist site *.egg-info .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
