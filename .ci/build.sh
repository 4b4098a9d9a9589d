#!/usr/bin/env bash
# Compiles the solution and publishes the two programs: the operator, and the agent as a native binary, which is also
# the aether command. The Dockerfiles run the same commands.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

say "Compiling"
run_logged build dotnet build -c Release
say "Publishing the operator"
run_logged publish-operator dotnet publish operator/Aether.Operator -c Release -p:UseAppHost=false
say "Publishing the agent (NativeAOT)"
run_logged publish-agent .ci/publish-agent.sh
