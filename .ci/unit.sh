#!/usr/bin/env bash
# The fast loop: compiles, then runs the tests that need no server (docs/development.md), and closes with one line:
# N passed, N failed, N skipped.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source .ci/tests.sh

# With this set a test server does not start: a test that is marked wrongly fails.
export AETHER_NO_SERVERS=1

run_logged build dotnet build -c Release
# Projects that have no servers run whole, but for their long tests; of the others runs what is marked.
for project in Architecture Cli Persistence; do
    run_tests "Aether.$project.Tests" "artifacts/log/unit-$project.log" -trait- Kind=Long
done
for project in Agent Benchmarks ControllerRuntime Operator Persistence.Stores; do
    run_tests "Aether.$project.Tests" "artifacts/log/unit-$project.log" -trait Kind=Unit
done
summarize
