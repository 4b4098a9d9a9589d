#!/usr/bin/env bash
# Compiles the solution and publishes what ships: the operator, and the agent and the command as native binaries. The
# images are made by the same commands.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

say "Compiling"
run_logged build dotnet build -c Release
say "Publishing the operator"
run_logged publish-operator dotnet publish operator/Aether.Operator -c Release -p:UseAppHost=false
say "Publishing the agent (NativeAOT)"
run_logged publish-agent dotnet publish runtime/Aether.Agent -c Release
# Into the agent's folder: whoever gets a shell in an image made of that finds it there.
run_logged publish-cli dotnet publish runtime/Aether.Cli -c Release -o artifacts/publish/Aether.Agent/release
