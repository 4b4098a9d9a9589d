# Every target is one line; its script is in .ci/ and does the same on a laptop and in CI.
.DEFAULT_GOAL := help
.PHONY: help run demo unit test test-matrix soak bench build setup images pack sbom licenses version chart-crds \
	chart-lint rules fmt fmt-check audit clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## The main job on a development cluster of its own; stays up until Ctrl-C
	@.ci/devcluster.sh run

demo: build ## As run, without staying up; the last line counts what was lost (nothing)
	@.ci/devcluster.sh demo

unit: ## The fast loop: compile, and the tests that need no servers (docs/development.md)
	@.ci/unit.sh

test: $(if $(NAME)$(PROJECT),setup,build) ## All, end-to-end on real servers included; or NAME=<class or method>, PROJECT=<name>
	@NAME='$(NAME)' PROJECT='$(PROJECT)' .ci/test.sh

test-matrix: build ## Store, agent and operator suites on newer servers: SETS='trixie sid ...' (docs/compatibility.md)
	@SETS='$(SETS)' .ci/matrix.sh

soak: build ## Crash schedules, fuzzing and kills for SOAK_MINUTES each (docs/testing.md)
	@SOAK_MINUTES='$(SOAK_MINUTES)' .ci/soak.sh

bench: ## How fast, beside others: all, or NAME=<name>; JSON=1 for a line per system (docs/benchmarks.md)
	@NAME='$(NAME)' SYSTEM='$(SYSTEM)' PAYLOAD='$(PAYLOAD)' WRITERS='$(WRITERS)' BENCH_SECONDS='$(SECONDS)' \
	RUNS='$(RUNS)' JSON='$(JSON)' .ci/bench.sh

build: setup ## Compile it all and publish the agent
	@.ci/build.sh

setup: ## Install what the development cluster needs (apt), build the test API server
	@.ci/setup.sh

images: ## Images of operator and agent: REGISTRY, TAG; PLATFORMS builds for several and pushes (docs/install.md)
	@REGISTRY='$(REGISTRY)' TAG='$(TAG)' PLATFORMS='$(PLATFORMS)' SDK_IMAGE='$(SDK_IMAGE)' \
	OPERATOR_BASE='$(OPERATOR_BASE)' AGENT_BASE='$(AGENT_BASE)' .ci/images.sh

pack: ## NuGet packages of the libraries, with symbols; REPOSITORY_URL (docs/release.md)
	@REPOSITORY_URL='$(REPOSITORY_URL)' .ci/pack.sh

sbom: ## What everything that ships is made of (CycloneDX, in artifacts/sbom)
	@.ci/sbom.sh

licenses: ## The licence of every package that ships; fails on a licence that is not on the list
	@.ci/licenses.sh

version: ## Print the version, or write VERSION=<new> everywhere it is named (docs/release.md)
	@VERSION='$(VERSION)' .ci/version.sh

chart-crds: ## Copy crds/ into the chart, after a change there
	@cp crds/persistence.aether.dev_*.yaml charts/aether-persistence/files/crds/

chart-lint: ## Lint the chart
	@"$$(.ci/helm.sh)/helm" lint charts/aether-persistence --strict

rules: ## Make config/prometheus of the chart's alert rules, after a change there
	@.ci/rules.sh

fmt: ## Format the C# code
	@dotnet format --no-restore

fmt-check: ## Fail where formatting, or a line over 120 columns, would be changed
	@.ci/fmt-check.sh

audit: ## Fail on packages with known vulnerabilities
	@.ci/audit.sh

clean: ## Remove what was built (not the test API server, which is kept in the user's cache)
	@rm -rf artifacts tests/artifacts
