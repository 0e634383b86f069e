# make demo and make test set up one virtual environment in .venv and use it; so does everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= $(shell nproc)
# The training steps are single-threaded: more threads would only take turns.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

.PHONY: help demo docs test test-fast fuzz test-python test-lowest env lint lock clean

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

env: $(VENV)/.installed  ## Set up the virtual environment for everything, tests too

# Made again only when the requirements change.
INSTALL := install --quiet --quiet --disable-pip-version-check
$(VENV)/.installed: EXTRA := test
$(VENV)/.demo-installed: EXTRA := figures,slurm
PLUGIN := packages/snakemake-executor-plugin-submitit
$(VENV)/.installed $(VENV)/.demo-installed: pyproject.toml $(PLUGIN)/pyproject.toml constraints.txt
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip $(INSTALL) -c constraints.txt -e $(PLUGIN) -e '.[$(EXTRA)]'
	@touch $@

# It needs an older rich than the one of this environment, so it has one of its own.
$(VENV)/roc-validator/.installed: $(VENV)/.installed
	$(PYTHON) -m venv $(VENV)/roc-validator
	$(VENV)/roc-validator/bin/pip $(INSTALL) roc-validator==0.13.0
	@touch $@

demo: $(VENV)/.demo-installed  ## Search the options of a small network, and compare with random search
	$(BIN)/snakemake --cores $(CORES)
	$(BIN)/snakemake --cores $(CORES) --configfile config/config.yaml config/examples/random.yaml
	$(BIN)/harmonica figures results/digits results/digits-random --output results/figures
	$(BIN)/harmonica summary results/digits results/digits-random
	@echo "Report: results/digits/report.html, beside random search: results/figures/progress.svg"

docs: env  ## Write the documentation as a site: site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

ifdef LAYER
test: env  ## Check the style and run all tests; SLURM=0: without a real SLURM; LAYER=spectral: of one package
	$(BIN)/pytest -n $(CORES) --dist worksteal tests/$(LAYER) tests/test_layers.py
else
# Three at a time on two cores: the tests on SLURM mostly wait.
test: env lint $(VENV)/roc-validator/.installed
ifneq ($(SLURM),0)
	$(BIN)/python -m tests.slurm.packages
endif
	$(BIN)/python -m tests.report.browser
	$(BIN)/pytest -n 3 --dist worksteal $(if $(filter 0,$(SLURM)),-m 'not slurm')
endif

test-fast: env  ## Run the tests that start neither Snakemake nor SLURM
	$(BIN)/pytest -n $(CORES) --dist worksteal -m 'not slurm and not workflow'

fuzz: env  ## Run every command on thousands of damaged files: make fuzz FUZZ_EXAMPLES=5000 FUZZ_SEED=1
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-5000} $(BIN)/pytest tests/fuzz -n $(CORES) --dist worksteal --tb=line

# The tests of the package itself: no style, no SLURM, no browser, and of Snakemake the essentials.
CORE := tests/config tests/optimisers tests/records tests/results tests/search tests/space tests/spectral \
	tests/steps tests/study tests/optuna --ignore tests/optuna/test_optunas_own.py \
	tests/export/test_export_space.py tests/export/test_export_table.py \
	tests/archive/test_container.py tests/archive/test_restore.py \
	tests/report/test_figures.py tests/report/test_page.py tests/report/test_without_figures.py \
	tests/workflow/test_search.py::test_every_file_of_the_contract_is_there \
	tests/test_workflow_module.py tests/test_cli.py
# What these tests need besides the package.
CORE_TOOLS := pytest pytest-xdist hypothesis jsonschema ConfigSpace hydra-core cmaes playwright

# The newest packages that this Python can have, in an environment of its own.
test-python:  ## Run the tests of the package on another Python: make test-python PYTHON=python3.13
	$(PYTHON) -m venv --clear $(VENV)-python
	$(VENV)-python/bin/pip $(INSTALL) -e '.[figures,optuna]' $(CORE_TOOLS)
	$(VENV)-python/bin/python --version
	$(VENV)-python/bin/pytest -n 2 $(CORE)

# uv resolves to the lowest versions, which pip cannot. The tools of the tests may be newer.
test-lowest:  ## Run the tests of the package with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(VENV)-lowest/bin/pip $(INSTALL) uv
	$(VENV)-lowest/bin/uv pip install --quiet --python $(VENV)-lowest \
		--resolution lowest-direct -e '.[figures,optuna]'
	$(VENV)-lowest/bin/uv pip freeze --exclude-editable --python $(VENV)-lowest \
		> $(VENV)-lowest/lowest.txt
	$(VENV)-lowest/bin/uv pip install --quiet --python $(VENV)-lowest \
		--constraints $(VENV)-lowest/lowest.txt $(CORE_TOOLS)
	$(VENV)-lowest/bin/pytest -n 2 $(CORE)

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules

# The lock is of everything, so what is not in it is upgraded by hand: pip install -U NAME.
lock: env  ## Write the versions of the environment to constraints.txt
	$(BIN)/pip freeze --exclude-editable > constraints.txt

clean:  ## Remove the virtual environments; results stay
	rm -rf $(VENV) $(VENV)-python $(VENV)-lowest
