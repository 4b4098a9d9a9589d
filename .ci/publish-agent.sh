#!/usr/bin/env bash
# Publishes the agent as a native binary; called by its second name, aether, the program is the command.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

dotnet publish runtime/Aether.Agent -c Release
ln -sfn aether-agent artifacts/publish/Aether.Agent/release/aether
