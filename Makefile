# Every target is one line; its script is in .ci/ and does the same on a laptop and in CI.
.DEFAULT_GOAL := help
.PHONY: help run demo unit test test-matrix soak bench build setup images pack sbom licenses version chart-crds \
	chart-lint rules fmt fmt-check audit clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## The demo on a development cluster that stays up until Ctrl-C
	@.ci/devcluster.sh run

demo: build ## As run, but ends by itself; the last line counts lost commits (none)
	@.ci/devcluster.sh demo

unit: ## The fast loop: compile, and the tests that need no servers (docs/development.md)
	@.ci/unit.sh

test: $(if $(NAME)$(PROJECT),setup,build) ## All tests, including end-to-end on real servers; or NAME=<class or method>, PROJECT=<name>
	@NAME='$(NAME)' PROJECT='$(PROJECT)' .ci/test.sh

test-matrix: build ## Store, agent and operator suites on newer servers: SETS='trixie sid ...' (docs/compatibility.md)
	@SETS='$(SETS)' .ci/matrix.sh

soak: build ## Crash schedules, fuzzing and kills for SOAK_MINUTES each (docs/testing.md)
	@SOAK_MINUTES='$(SOAK_MINUTES)' .ci/soak.sh

bench: ## Benchmarks against other systems: all, or NAME=<name>; JSON=1 for a line per system (docs/benchmarks.md)
	@NAME='$(NAME)' SYSTEM='$(SYSTEM)' PAYLOAD='$(PAYLOAD)' WRITERS='$(WRITERS)' BENCH_SECONDS='$(SECONDS)' \
	RUNS='$(RUNS)' JSON='$(JSON)' .ci/bench.sh

build: setup ## Compile everything and publish the agent
	@.ci/build.sh

setup: ## Install what the development cluster needs (apt), build the test API server
	@.ci/setup.sh

images: ## Images of operator and agent: REGISTRY, TAG; PLATFORMS builds for several and pushes (docs/install.md)
	@REGISTRY='$(REGISTRY)' TAG='$(TAG)' PLATFORMS='$(PLATFORMS)' SDK_IMAGE='$(SDK_IMAGE)' \
	OPERATOR_BASE='$(OPERATOR_BASE)' AGENT_BASE='$(AGENT_BASE)' .ci/images.sh

pack: ## NuGet packages of the libraries, with symbols; REPOSITORY_URL (docs/release.md)
	@REPOSITORY_URL='$(REPOSITORY_URL)' .ci/pack.sh

sbom: ## Bills of materials of everything that ships (CycloneDX, in artifacts/sbom)
	@.ci/sbom.sh

licenses: ## List the licence of every package that ships; fail if a licence is not on the list
	@.ci/licenses.sh

version: ## Print the version, or write VERSION=<new> into every file that names it (docs/release.md)
	@VERSION='$(VERSION)' .ci/version.sh

chart-crds: ## Copy crds/ into the chart, after a change there
	@cp crds/persistence.aether.dev_*.yaml charts/aether-persistence/files/crds/

chart-lint: ## Lint the chart
	@"$$(.ci/helm.sh)/helm" lint charts/aether-persistence --strict

rules: ## Generate config/prometheus from the chart's alert rules, after a change there
	@.ci/rules.sh

fmt: ## Format the C# code
	@dotnet format --no-restore

fmt-check: ## Fail if formatting would change a file or a line is over 120 columns
	@.ci/fmt-check.sh

audit: ## Fail if a package has a known vulnerability
	@.ci/audit.sh

clean: ## Remove build output (but not the test API server in the user's cache)
	@rm -rf artifacts tests/artifacts
