# The two commands of this repository are `make demo` and `make test`; both set up everything they need.

.PHONY: demo test check format clean

demo:
	@scripts/setup.sh demo
	@.venv/bin/renderbus render examples/demo/demo.blend --embedded --frames "1-22[3]" --output demo-output
	@echo "The pictures are in the newest folder below $(CURDIR)/demo-output"

test:
	@scripts/setup.sh test
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term:skip-covered

# What continuous integration asks of the code before it runs the tests.
check:
	@scripts/setup.sh test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format:
	@scripts/setup.sh test
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

clean:
	rm -rf .venv demo-output .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
