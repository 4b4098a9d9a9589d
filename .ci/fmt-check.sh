#!/usr/bin/env bash
# Fails if `dotnet format` would change a file, or if a line of code is longer than 120 columns.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

long=$(git ls-files --cached --others --exclude-standard '*.cs' '*.sh' '*.proto' |
    xargs awk 'length($0) > 120 {print FILENAME ":" FNR ": " length($0) " columns"}')
if [[ -n $long ]]; then
    echo "$long"
    echo "Lines are at most 120 columns." >&2
    exit 1
fi
dotnet format whitespace --verify-no-changes --no-restore
