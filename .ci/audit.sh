#!/usr/bin/env bash
# Fails if a package has a known vulnerability; dotnet only lists them and exits with 0.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p artifacts/log
dotnet list package --vulnerable --include-transitive | tee artifacts/log/audit.log
if grep -q 'has the following vulnerable packages' artifacts/log/audit.log; then
    echo "Packages with known vulnerabilities: see above." >&2
    exit 1
fi
