#!/usr/bin/env bash
# Publishes the agent as the native binary that ships; by its second name the program is the command aether.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

dotnet publish runtime/Aether.Agent -c Release
ln -sfn aether-agent artifacts/publish/Aether.Agent/release/aether
