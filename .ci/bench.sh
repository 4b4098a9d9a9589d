#!/usr/bin/env bash
# Builds and runs the benchmarks; NAME, SYSTEM, PAYLOAD, WRITERS, BENCH_SECONDS, RUNS and JSON are options
# (docs/benchmarks.md). Standard output contains the results only.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

run_logged build-bench dotnet build tests/Aether.Benchmarks -c Release >&2
if [[ -z ${NAME-} || $NAME == '*' || $NAME == *socket* || $NAME == *guest* ]]; then
    # These benchmarks run the native agent.
    run_logged publish-agent dotnet publish runtime/Aether.Agent -c Release >&2
fi
if [[ -z ${NAME-} || $NAME == '*' || $NAME == *operator* ]]; then
    # The operator's benchmarks have the servers of a development cluster.
    .ci/setup.sh >&2
fi
# Our variable is BENCH_SECONDS, because bash sets SECONDS to the run time of the script.
exec env SECONDS="${BENCH_SECONDS-}" dotnet artifacts/bin/Aether.Benchmarks/release/aether-benchmarks.dll
