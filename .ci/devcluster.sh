#!/usr/bin/env bash
# Runs a command of the development cluster: run or demo.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

exec dotnet artifacts/bin/Aether.DevCluster/release/aether-devcluster.dll "$@"
