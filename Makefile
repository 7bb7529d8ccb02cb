# Everything a newcomer types. Each target sets up .venv by itself.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install demo test bench check check-site clean

help:
	@echo "make demo     build a sample issue into build/demo/ and say where to look"
	@echo "make test     run every test"
	@echo "make install  only set up .venv"
	@echo "make bench    run the benchmarks"
	@echo "make check-site  build the sample issue's site and measure it in a browser (needs jekyll, chromium, node 18.19 or newer, npm)"
	@echo "make check    lint, types, architecture, dependencies"

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "weeklyai needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

install: .venv/installed

demo: install
	$(BIN)/python samples/demo.py

test: install
	$(BIN)/python -m pytest

bench: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check reader sgmllib3k
	$(BIN)/python bench/feeds.py
	$(BIN)/python -m bench.hostile
	$(BIN)/python bench/parse.py
	$(BIN)/python bench/archive.py
	$(BIN)/python bench/duplicates.py
	$(BIN)/python bench/drafting.py
	$(BIN)/python -m bench.site
	$(BIN)/python -m bench.kill
	$(BIN)/python bench/memory.py
	$(BIN)/python -m bench.review
	$(BIN)/python bench/feature.py
	$(BIN)/python bench/demo.py

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

check-site: install
	rm -rf build/site
	$(BIN)/python -m weeklyai init build/site --title "Team Letter" --url https://letter.example --no-feeds >/dev/null
	$(BIN)/python samples/site.py build/site
	jekyll build --quiet --source build/site --destination build/site/_site
	npm --prefix tests/browser ci --no-audit --no-fund
	npm --prefix tests/browser test
	node tests/browser/check.mjs build/site/_site

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
