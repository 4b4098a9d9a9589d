#!/usr/bin/env bash
# Fails on packages with known vulnerabilities: dotnet lists them and still ends with 0.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p artifacts/log
dotnet list package --vulnerable --include-transitive | tee artifacts/log/audit.log
if grep -q 'has the following vulnerable packages' artifacts/log/audit.log; then
    echo "Packages with known vulnerabilities: see above." >&2
    exit 1
fi
