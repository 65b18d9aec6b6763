# The two commands: `make run` starts the demo agency, `make test` proves the whole.
# Both set up what they need first; web/setup decides what is missing and says so in one sentence.

PYTHON ?= python3
DEMO_ARGS ?=

LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.PHONY: run setup test bench crash simulate lock clean

run: setup
	@exec .venv/bin/fengjian demo $(DEMO_ARGS)

setup:
	@$(PYTHON) -m web.setup

test:
	@$(PYTHON) -m web.setup --for-tests
	@exec .venv/bin/python -m tests

bench:
	@$(PYTHON) -m web.setup --for-tests
	@exec .venv/bin/python -m tests.benchmarks $(BENCH_ARGS)

# kill -9 a hundred times amid a load; a part of it is in every test run.
crash:
	@$(PYTHON) -m web.setup --for-tests
	@FENGJIAN_CRASH_ROUNDS=100 .venv/bin/python -m pytest tests/crash -q

# A whole quarter of the agency by HTTP; a tenth of it is in every test run. SIMULATE_ARGS: scale and seed.
simulate:
	@$(PYTHON) -m web.setup --for-tests
	@exec .venv/bin/python -m tests.simulation $(SIMULATE_ARGS)

# Writes versions and hashes again after pyproject.toml changed; LOCK_ARGS=--upgrade takes newer releases.
lock:
	@$(PYTHON) -m web.setup --for-tests
	$(LOCK) $(LOCK_ARGS) --group pyproject.toml:build -o requirements.lock pyproject.toml
	$(LOCK) $(LOCK_ARGS) --group pyproject.toml:build --extra test -c requirements.lock -o requirements-test.lock pyproject.toml
	$(LOCK) $(LOCK_ARGS) --group pyproject.toml:node -o web/setup/node.lock
	npm install --package-lock-only --ignore-scripts

clean:
	rm -rf .venv node_modules build web/static/vendor fengjian.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	find engine forms storage web schemas tests -name __pycache__ -type d -prune -exec rm -rf {} +
