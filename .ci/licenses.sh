#!/usr/bin/env bash
# Lists the licence of every package that ships, from the bills of materials. Fails if a licence is not in the list
# below: read a licence before you add it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

allowed='["Apache-2.0", "BSD-3-Clause", "MIT", "PostgreSQL"]'

command -v jq >/dev/null || {
    echo "jq is missing. Install it (apt-get install jq), then run make licenses again." >&2
    exit 1
}
.ci/sbom.sh >&2
packages=$(jq --slurp --compact-output --argjson allowed "$allowed" '
    [.[].components[] | select(.scope == "required" and has("purl"))
        | {name, version, licence: ([.licenses[]? | .license.id // .license.name // .expression] | join(", "))}]
    | unique | .[] | . + {fine: (.licence as $licence | $allowed | index($licence) != null)}' artifacts/sbom/*.cdx.json)
jq --raw-output '"\(.licence)\t\(.name) \(.version)"' <<<"$packages" | sort
refused=$(jq --raw-output 'select(.fine | not) | "\(.name) \(.version): \(.licence)"' <<<"$packages")
if [[ -z $packages || -n $refused ]]; then
    echo "Not among the licences in .ci/licenses.sh, or no package at all: ${refused:-none}" >&2
    exit 1
fi
