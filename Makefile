# `make demo` and `make test` set up everything they need; python3 (3.11 or later) is enough.
VENV := .venv
PY := $(VENV)/bin/python
DEMO_OUT := results/gbsg2-tamoxifen
LOCK := pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header

.PHONY: demo test check bench lock clean

demo: $(VENV)/.run
	$(VENV)/bin/prioritering run gbsg2-tamoxifen --out $(DEMO_OUT) --overwrite

test: check
	$(PY) -m pytest -n 2

check: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.bench
	$(PY) benchmarks/report.py

# Rewrites the locked dependencies from pyproject.toml.
lock: $(VENV)/.dev
	$(PY) -m pip install --quiet uv
	$(PY) -m uv pip compile $(LOCK) --extra build -o requirements/run.lock
	$(PY) -m uv pip compile $(LOCK) --extra build --extra dev -o requirements/dev.lock
	$(PY) -m uv pip compile $(LOCK) --extra build --extra dev --extra bench -o requirements/bench.lock

clean:
	rm -rf $(VENV) results .pytest_cache .mypy_cache .ruff_cache

$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	touch $@
