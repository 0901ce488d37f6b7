# A thin front: the settings are in CMakePresets.json, the work is done by CMake and by the programs in tools/.
.DEFAULT_GOAL := help
.PHONY: help setup test-setup build demo test asan fuzz property interop faults services tidy format compare-with-dbt bench clean

PROJECT ?= olist
LAKE ?= $(if $(filter olist,$(PROJECT)),demo,$(PROJECT))-lake
jobs := $(shell nproc)
# Tests wait for servers and clocks, too: one more than there are cores.
tests_at_once := $(shell expr $(jobs) + 1)

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what is missing: Debian packages, and DuckDB under .deps
	@tools/setup

build: setup ## Build the program at build/release/bin/smelt
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release

demo: build ## Generate the Olist data and run its whole pipeline into ./demo-lake; PROJECT=landing|physical, ARGS="--scale 0.1"
	@$(if $(filter olist,$(PROJECT)),build/release/bin/smelt demo --lake,tools/demo $(PROJECT)) $(LAKE) $(ARGS)

test-setup:
	@tools/setup tests

test: test-setup build ## Build and run every test; peers and servers that they need are installed on first use
	@ctest --preset release --parallel $(tests_at_once)

asan: setup ## Build with AddressSanitizer and UndefinedBehaviorSanitizer and run the tests of the modules under them
	@cmake --preset asan --log-level=WARNING
	@cmake --build --preset asan --target unit_tests
	@ctest --preset asan --parallel $(jobs)

fuzz: setup ## Feed the parsers damaged input under the sanitizers: those of tables for FUZZ_SECONDS (60) each, those of templates, requests and messages for a quarter
	@cmake --preset asan --log-level=WARNING
	@cmake --build --preset asan --target delta_tests --target engine_tests --target transform_tests --target serve_tests
	@tools/fuzz

property: build ## Run SEQUENCES (2000) random sequences of statements against a plain table
	@SMELT_PROPERTY_SEQUENCES=$${SEQUENCES:-2000} build/release/bin/engine_tests --gtest_brief=1 --gtest_filter='PropertyTest.*'

interop: test-setup build ## Only the tests against independent readers (Spark, deltalake, DuckDB) and plain SQL
	@ctest --preset release --label-regex interop

faults: build ## Only the tests that kill runs, fill disks and race writers
	@ctest --preset release --label-regex faults

services: build ## Only the tests against real servers
	@ctest --preset release --label-regex services

tidy: setup ## Check the rules of the tree, then clang-tidy on the changed files; FILES=all for every file
	@python3 tests/tidy/tidy.py
	@tools/clang-tidy $(FILES)

format: setup ## Format every C++ file and write docs/reference/errors.md anew
	@tools/error-reference
	@find src tests bench -name '*.h' -o -name '*.cc' | xargs -r clang-format -i

compare-with-dbt: build ## Build the projects of tests/interop/dbt with dbt, too, and say what differs: build/with-dbt
	@PYTHONPATH=tests PYTHONDONTWRITEBYTECODE=1 python3 tests/with_dbt.py tests/interop/dbt/report.py build/with-dbt $(ARGS)

bench: build ## Measure the demo and its peers; see bench/README.md
	@bench/run $(ARGS)

clean: ## Remove everything that was built; .deps stays
	@rm -rf build demo-lake
