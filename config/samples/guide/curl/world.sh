#!/usr/bin/env bash
# Ada earns coins, one by one, and keeps them: world.sh COINS. Needs bash and curl 7.84 or later.
set -euo pipefail
to_earn=$1
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# agent PATH [CURL OPTION...]: sets $status and $version, and stores the answer in $body. An agent that is unavailable,
# or answers 503 because it has not recovered the state yet, is called again for a minute.
agent() {
    local answer path=$1
    shift
    answer=$(curl --silent --unix-socket "${AETHER_HTTP_SOCKET:-/run/aether/http.sock}" --output "$body" \
        --retry 60 --retry-delay 1 --retry-max-time 60 --retry-all-errors \
        --write-out '%{http_code} %header{aether-version}' "$@" "http://agent/v1/$path")
    read -r status version <<<"$answer" || true
}

# refused: prints the agent's answer and exits.
refused() {
    cat "$body" >&2
    exit 1
}

# commit KEY COINS EXPECTED_VERSION: sets $version. The idempotency key makes it safe that curl sends it again. The
# expected version, 0 for a key that must not exist, refuses it if another writer was here before.
commit() {
    local put
    put=$(printf '%s' "$2" | base64)
    agent commits --data '{"mutations":[{"kind":"purse","id":"ada","put":"'"$put"'","expectedVersion":'"$3"'}],
        "durability":"Fsync","idempotencyKey":"'"$1"'"}'
    [[ $status == 200 && $(<"$body") =~ \"sequence\":([0-9]+) ]] || refused
    version=${BASH_REMATCH[1]}
}

agent 'state/purse/ada?raw'
case $status in
    200)
        coins=$(<"$body")
        echo "recovered coins=$coins"
        ;;
    404)
        coins=0
        commit ada-founded "$coins" 0
        echo "founded coins=$coins"
        ;;
    *) refused ;;
esac

for ((earned = 0; earned < to_earn; earned++)); do
    coins=$((coins + 1))
    commit "ada-coin-$coins" "$coins" "$version"
    echo "earned coins=$coins"
done

# Confirmed: reads only values that are synced to the volume, whatever level they were written at.
agent 'state/purse/ada?raw&confirmed'
[[ $status == 200 ]] || refused
echo "confirmed coins=$(<"$body") version=$version"
