# make demo and make test set up one virtual environment in .venv and use it; so does everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= $(shell nproc)
# The training steps are single-threaded: more threads would only take turns.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

.PHONY: help demo docs test env lint lock clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

env: $(VENV)/.installed  ## Set up the virtual environment

# Made again only when the requirements change.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

# It needs an older rich than the one of this environment, so it has one of its own.
$(VENV)/roc-validator/.installed: $(VENV)/.installed
	$(PYTHON) -m venv $(VENV)/roc-validator
	$(VENV)/roc-validator/bin/pip install --quiet --quiet --disable-pip-version-check roc-validator==0.13.0
	@touch $@

demo: env  ## Search the options of a small network, and compare with random search
	$(BIN)/snakemake --cores $(CORES)
	$(BIN)/snakemake --cores $(CORES) --configfile config/config.yaml config/examples/random.yaml
	$(BIN)/harmonica figures results/digits results/digits-random --output results/figures
	$(BIN)/harmonica summary results/digits results/digits-random
	@echo "Report: results/digits/report.html, beside random search: results/figures/progress.svg"

docs: env  ## Write the documentation as a site: site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Three at a time on two cores: the tests on SLURM mostly wait.
test: env lint $(VENV)/roc-validator/.installed  ## Check the style and run all tests; with SLURM=0 not those on a real SLURM
ifneq ($(SLURM),0)
	$(BIN)/python -m tests.slurm.packages
endif
	$(BIN)/python -m tests.report.browser
	$(BIN)/pytest -n 3 --dist worksteal $(if $(filter 0,$(SLURM)),-m 'not slurm')

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile workflow/rules

lock: env  ## Write the versions of the environment to constraints.txt
	$(BIN)/pip freeze --exclude-editable > constraints.txt

clean:  ## Remove the virtual environment; results stay
	rm -rf $(VENV)
