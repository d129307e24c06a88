# Two commands: `make run` serves the app, `make test` sets up what the tests need and runs them all.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: run test check audit format lock clean

run: .venv/app
	-test -e data/pyodide/package.json || $(BIN)/python -m tutor assets
	$(BIN)/python app.py

test: .venv/tests
	$(BIN)/python -m pytest

check: .venv/tests audit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pip check

# Known weaknesses of what requirements.txt names. In an environment of its own: it brings many packages.
audit:
	test -x .venv/audit/bin/python || $(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	.venv/audit/bin/python -m tests.audit

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/app: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { echo "Python 3.11 with venv is needed: apt-get install python3 python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/tests: .venv/app tests/requirements.txt tests/install-browser tests/install-pyodide tests/install-axe tests/install-postgres tests/install-redis tests/install-coturn tests/install-livekit
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	tests/install-browser
	tests/install-pyodide
	tests/install-axe
	tests/install-livekit
	tests/install-postgres
	tests/install-redis
	tests/install-coturn
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

# Pin anew what the packages in the upper part of requirements.txt bring with them.
lock:
	sed -i '/^# Everything that these bring/,$$d' requirements.txt
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	sed -nE 's/^([A-Za-z0-9_.-]+).*==.*/\1/p' requirements.txt | sed 's/[-_.]/[-_.]/g; s/.*/^&==/' > .venv-lock/direct
	echo '# Everything that these bring, as it was tested together. Made by `make lock`.' >> requirements.txt
	.venv-lock/bin/python -m pip freeze | grep -viEf .venv-lock/direct >> requirements.txt
	rm -rf .venv-lock
