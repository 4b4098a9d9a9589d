#!/usr/bin/env bash
# The fast loop: compiles and runs the tests that need no server (docs/development.md). The last line is:
# N passed, N failed, N skipped.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source .ci/tests.sh

# Keeps test servers from starting, so a wrongly marked test fails.
export AETHER_NO_SERVERS=1

run_logged build dotnet build -c Release
# A project without servers runs all but its long tests, any other project only its marked tests.
for project in Architecture Cli Persistence; do
    run_tests "Aether.$project.Tests" "artifacts/log/unit-$project.log" -trait- Kind=Long
done
for project in Agent Benchmarks ControllerRuntime Operator Persistence.Stores; do
    run_tests "Aether.$project.Tests" "artifacts/log/unit-$project.log" -trait Kind=Unit
done
summarize
