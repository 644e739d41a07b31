# Everything a person does with this project. Needs Python ≥ 3.11 and make; the rest is installed into .venv.
PYTHON ?= python3
RUN := .venv/bin/python
# For two cores; one more than these, for tests in a browser wait for it now and then.
WORKERS ?= 3

.PHONY: run test style behaviour quick faults fuzz lint bench docs pages lock format

run: ## install what is missing, load sample data on the first start, serve on 127.0.0.1:8501
	@$(PYTHON) scripts/environment.py
	@$(RUN) -m shopdata serve

test: ## everything that must hold before a change is shared
	@$(PYTHON) scripts/environment.py --tests
	@$(MAKE) --no-print-directory -j 2 style behaviour

style:
	@$(RUN) -m ruff check . && $(RUN) -m ruff format --check . && $(RUN) -m mypy

behaviour:
	@$(RUN) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

quick: ## tests without the browser
	@$(RUN) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not browser"

faults: ## what takes minutes: every bad file through every door, kills, a full disk
	@$(PYTHON) scripts/environment.py --tests
	@$(RUN) -m pytest --faults -m faults

fuzz: ## damaged files through the readers for FUZZ_SECONDS (default 300); failures are kept in build/fuzz
	@$(PYTHON) scripts/environment.py --tests
	@$(RUN) -m tests.torture.fuzz

lint: ## style and types
	@$(PYTHON) scripts/environment.py --tests
	@$(MAKE) --no-print-directory style

format: ## let ruff put the code in shape
	@$(RUN) -m ruff check --fix . ; $(RUN) -m ruff format .

pages: ## pictures of every page, 1280 and 390 px, light and dark, Chinese and English, into build/pages
	@$(PYTHON) scripts/environment.py --tests
	@$(RUN) -m scripts.picture_pages build/pages

bench: ## ratios against named rivals, written to docs/benchmarks.md
	@$(PYTHON) scripts/environment.py --tests
	@$(RUN) -m bench

docs: ## write the generated lists in docs/ anew
	@$(PYTHON) scripts/environment.py --tests
	@$(RUN) -m scripts.generate_docs

lock: ## pin requirements.in and requirements-dev.in with hashes (needs uv)
	uv pip compile -q --universal --generate-hashes -p 3.11 --no-emit-index-url --no-header requirements.in -o requirements.txt
	uv pip compile -q --universal --generate-hashes -p 3.11 --no-emit-index-url --no-header requirements-dev.in -o requirements-dev.txt
