# Modelkin's seams. `make` alone prints this help.
#
# Variables:
#   SOURCE=minihub|hub|import  where `extract` and `run` read from (default: minihub, synthetic demo data made here)
#   BASE_MODELS="ID ID"        base models to follow, with SOURCE=hub
#   DEPTH=N                    generations of descendants to follow, with SOURCE=hub (default: 1)
#   MIN_DOWNLOADS=N            leave out descendants with fewer downloads, with SOURCE=hub
#   LIMIT=N                    follow at most N descendants, with SOURCE=hub
#   BOTTOM_K=N                 size of the sets of least likely tokens, with SOURCE=hub (default: 2000)
#   YES=1                      download and measure without asking, with SOURCE=hub
#   STUDY=name                 name of the set of measurements (SOURCE=import needs one)
#   IMPORT="FILE FILE"         published overlap files, with SOURCE=import
#   IMPORT_MODELS="FILE"       a list of Hub metadata to import as well, with SOURCE=import
#   TARGET=duckdb|spark        the engine that `run` and `dbt` build with (default: duckdb; spark needs Java 17)
#   DB=path                    the warehouse file (default: data/modelkin.duckdb, or MODELKIN_DB)
#   PORT=N                     where `serve` answers (default: 8000)
#   INPUTS=N, FAULTS=N         how many hostile inputs `fuzz` and faults `chaos` try (default: 3200 and 200)
#   SEED=N                     which of them (default: at random)
#   TORCH=cpu|gpu              which build of torch to install (default: cpu; gpu downloads several gigabytes)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

SOURCE ?= minihub
BASE_MODELS ?=
DEPTH ?= 1
MIN_DOWNLOADS ?=
LIMIT ?=
YES ?=
TARGET ?= duckdb
BOTTOM_K ?= 2000
STUDY ?=
IMPORT ?=
IMPORT_MODELS ?=
PORT ?= 8000
TORCH ?= cpu
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
PYTHON ?= python3

# Every command starts a new Python; without bytecode in .venv, importing torch or dbt takes twice as long.
export PYTHONDONTWRITEBYTECODE :=

ifdef DB
export MODELKIN_DB := $(DB)
endif

# Spark reads a relative folder as one beside its own tables.
export MODELKIN_SPARK := $(abspath $(or $(MODELKIN_SPARK),data/spark))

# uv installs in seconds what takes pip minutes; it looks where pip was told to look.
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
endif
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

VENV := .venv
BIN := $(VENV)/bin
# A text quoted as one word of the shell, whatever characters it contains.
quoted = '$(subst ','\'',$(1))'
# Generic tests are macros, which sqlfluff does not lint.
LINTED_SQL := models tests/dbt/*.sql
BASES = $(addprefix --base-model ,$(BASE_MODELS))
MEASURE = extract overlap $(BASES) --bottom-k $(BOTTOM_K) $(if $(STUDY),--study $(call quoted,$(STUDY)))
# Weights may be many gigabytes: nobody should download them without seeing the plan.
CONFIRM = { if [ -t 0 ]; then read -r -p "Download and measure these models? [y/N] " answer; else \
	  echo "Error: there is no terminal to ask whether to download these models; add YES=1 to agree." >&2; exit 2; fi; \
	  [[ $$answer == [yY]* ]] || { echo "Nothing was downloaded." >&2; exit 1; }; }
INSTALL := VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install -q
READY := $(VENV)/.ready-$(TORCH)

##@ Use

.PHONY: help
help: ## Print this help.
	@sed -n 's/^#   \(.*\)/  \1/p' Makefile | sed '1i Variables:'
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: extract $(if $(filter spark,$(TARGET)),dbt import-marts,build) report ## Extract, build and test the marts, test for significance, render the report.
	@echo
	@echo "Warehouse: $${MODELKIN_DB:-data/modelkin.duckdb}   (open it with any DuckDB client)"

.PHONY: extract
extract: $(READY) ## Write raw data into the warehouse, from SOURCE.
ifeq ($(SOURCE),minihub)
	@$(BIN)/modelkin demo --extract-only $(if $(STUDY),--study $(call quoted,$(STUDY)))
else ifeq ($(SOURCE),hub)
	@$(if $(strip $(BASE_MODELS)),:,echo 'Error: SOURCE=hub needs BASE_MODELS="OWNER/NAME …".' >&2; exit 2)
	@$(BIN)/modelkin extract hub $(BASES) --depth $(DEPTH) --cards \
	  $(if $(MIN_DOWNLOADS),--min-downloads $(MIN_DOWNLOADS)) $(if $(LIMIT),--limit $(LIMIT))
	@$(if $(filter 1,$(YES)),,$(BIN)/modelkin $(MEASURE) --plan && $(CONFIRM))
	@$(BIN)/modelkin $(MEASURE)
else ifeq ($(SOURCE),import)
	@$(if $(strip $(STUDY)),:,echo 'Error: SOURCE=import needs STUDY=name.' >&2; exit 2)
	@$(if $(strip $(IMPORT)),:,echo 'Error: SOURCE=import needs IMPORT="FILE …".' >&2; exit 2)
	@$(BIN)/modelkin extract import-overlap $(IMPORT) --study $(call quoted,$(STUDY))
	@$(if $(IMPORT_MODELS),$(BIN)/modelkin extract import-models $(IMPORT_MODELS))
else
	@echo "Error: SOURCE=$(SOURCE) is unknown; it is one of minihub, hub, import." >&2; exit 2
endif

.PHONY: build
build: $(READY) ## Build the marts with dbt and test their data.
	@$(BIN)/modelkin build

.PHONY: dbt
dbt: $(READY) ## Build the marts with dbt alone; TARGET=spark exports the raw data and builds them on Spark.
ifeq ($(TARGET),spark)
	@$(INSTALL) -e '.[spark]' -c constraints.txt
	@$(MAKE) export-raw
	@$(BIN)/dbt build --target spark --exclude-resource-type unit_test
else
	@$(BIN)/modelkin build
endif

.PHONY: export-raw
export-raw: $(READY) ## Write the raw tables as Parquet, for Spark, to data/spark/raw (or MODELKIN_RAW).
	@$(BIN)/modelkin export raw --out "$${MODELKIN_RAW:-$$MODELKIN_SPARK/raw}"

.PHONY: import-marts
import-marts: $(READY) ## Bring the marts that Spark built into the warehouse; test for significance.
	@$(BIN)/modelkin import-marts

.PHONY: rollback
rollback: $(READY) ## Put the state before the last build back in place.
	@$(BIN)/modelkin rollback

.PHONY: report
report: $(READY) ## Test the marts for significance, render the report (build/site/index.html).
	@$(BIN)/modelkin report

.PHONY: serve
serve: $(READY) ## Serve the report on this machine; render it again when the warehouse or the pages change.
	@$(BIN)/python -m reports serve --port $(PORT)

.PHONY: export
export: $(READY) ## Write the lineage network to build/exports (CSV, GraphML, JSON, Parquet).
	@$(BIN)/modelkin export

##@ Develop

.PHONY: setup
setup: $(READY) ## Make .venv with everything that the project needs.

.PHONY: test
test: lint ## Lint, type-check and test, on all cores: what CI runs.
	@$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

.PHONY: lint
lint: $(READY) ## Lint Python and SQL, check types.
	@$(MAKE) --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) lint-python lint-sql

.PHONY: lint-python
lint-python: $(READY) ## Lint Python, check types.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

.PHONY: lint-sql
lint-sql: $(READY) ## Lint SQL, as dbt compiles it.
	@MODELKIN_DB=:memory: $(BIN)/sqlfluff lint --nocolor --disable-progress-bar $(LINTED_SQL)

.PHONY: format
format: $(READY) ## Format Python and SQL.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@MODELKIN_DB=:memory: $(BIN)/sqlfluff fix --nocolor $(LINTED_SQL)

.PHONY: docs
docs: $(READY) ## Write docs/commands.md, the data dictionary, and dbt's documentation of the warehouse (build/dbt).
	@$(BIN)/typer modelkin.cli utils docs --name modelkin > docs/commands.md
	@MODELKIN_DB=:memory: $(BIN)/dbt --quiet --log-level-file none parse --no-partial-parse
	@$(BIN)/python docs/data_dictionary.py target/manifest.json > docs/data-dictionary.md
	@folder=$$($(BIN)/python -m reports.site.folders); \
	  test -e "$${MODELKIN_DB:-data/modelkin.duckdb}" || export MODELKIN_DB=:memory:; \
	  $(BIN)/dbt --quiet --log-level-file none docs generate --static --target-path "$$folder"

.PHONY: translations
translations: $(READY) ## Bring the report's catalogues of translations up to date, and print what is not translated.
	@$(BIN)/python -m reports.site.catalogues

.PHONY: bench
bench: $(READY) ## Measure the speed of the parts, as ratios.
	@$(INSTALL) -e '.[bench]' -c constraints.txt
	@$(BIN)/python -m bench.hub
	@$(BIN)/python -m bench.fingerprint
	@$(BIN)/python -m bench.matrix
	@$(BIN)/python -m bench.weights
	@$(BIN)/python -m bench.kinship

.PHONY: fuzz
fuzz: $(READY) ## Try hostile repositories, endless servers and INPUTS hostile inputs (default: 3200); SEED repeats a run.
	@$(BIN)/python -m tests.fuzz.family
	@$(BIN)/python -m tests.fuzz.endless
	@$(BIN)/python -m tests.fuzz $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SEED),--seed $(SEED))

.PHONY: chaos
chaos: $(READY) ## Kill commands, fill the disk and write twice at once, FAULTS times (default: 200); SEED repeats a run.
	@$(BIN)/python -m tests.chaos $(if $(FAULTS),--faults $(FAULTS)) $(if $(SEED),--seed $(SEED))

.PHONY: lock
lock: $(READY) ## Write the installed versions to constraints.txt.
	@{ echo '# Versions the tests ran with; `make lock` writes this file from .venv.'; \
	   $(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//; / @ file:/d'; } > constraints.txt

.PHONY: clean
clean: ## Delete build, target and logs; keep the warehouse and the cache in data/.
	@rm -rf build target logs

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Error: Modelkin needs Python 3.11 or newer; name one with PYTHON=/path/to/python3." >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) \
	  || { echo "Error: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv." >&2; \
	       rm -rf $(VENV); exit 1; }
	@echo "Setting up $(VENV) (once; a few minutes and 2 GB) …"
	@$(BIN)/pip install -q uv -c constraints.txt
ifeq ($(TORCH)-$(shell uname -s),cpu-Linux)
	@version=$$(sed -n 's/^torch==//p' constraints.txt); \
	  $(INSTALL) --no-deps "torch==$$version+cpu" 2>/dev/null \
	  || $(INSTALL) --no-deps "torch==$$version+cpu" --default-index $(TORCH_INDEX) \
	  || { echo "Error: no CPU build of torch $$version was found at $(TORCH_INDEX); TORCH_INDEX=url names another place, TORCH=gpu installs the GPU build (several gigabytes)." >&2; exit 1; }
endif
	@rm -rf modelkin.egg-info  # left by older versions, it would hide the commands of this one
	@$(INSTALL) -e '.[models,bom,dev]' -c constraints.txt
	@touch $@
