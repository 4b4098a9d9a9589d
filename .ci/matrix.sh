#!/usr/bin/env bash
# Runs the suites that use servers (stores, agent, operator) on newer servers than the machine's own and prints a line
# for docs/compatibility.md per set of servers. SETS selects from: machine trixie sid valkey-8 valkey-9.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source .ci/tests.sh

read -r -a sets <<<"${SETS:-trixie sid valkey-8 valkey-9}"
projects=(Aether.Persistence.Stores.Tests Aether.Agent.Tests Aether.Operator.Tests)
# A Valkey set replaces Redis only; the other servers of its suite are tested by the suite's own set.
declare -A suite=([trixie]=trixie [sid]=sid [valkey-8]=trixie [valkey-9]=sid)
declare -A programs=([trixie]="postgres redis nats pgbouncer" [sid]="postgres redis nats pgbouncer"
    [valkey-8]=valkey [valkey-9]=valkey)

status=0
rows=()
for set in "${sets[@]}"; do
    filter=()
    AETHER_SERVERS=
    if [[ $set != machine ]]; then
        folder=$(tests/servers/fetch.sh "${suite[$set]:?SETS names machine, trixie, sid, valkey-8 or valkey-9}")
        for program in ${programs[$set]}; do AETHER_SERVERS+=${AETHER_SERVERS:+:}$(readlink -f "$folder/$program"); done
        [[ $set != valkey-* ]] || filter=(-class '*Redis*' -class '*Ephemeral*')
    fi
    export AETHER_SERVERS
    versions=$(.ci/server-versions.sh)
    say "$set: $versions"
    for project in "${projects[@]}"; do
        before=("$passed" "$failed")
        run_tests "$project" "artifacts/log/matrix-$set-$project.log" ${filter[@]+"${filter[@]}"}
        ((passed > before[0])) || status=1
        rows+=("| $(date +%F) | $versions | ${project#Aether.} | $((passed - before[0])) | $((failed - before[1])) |")
    done
done

echo "| date | servers | suite | passed | failed |"
echo "|---|---|---|---|---|"
printf '%s\n' "${rows[@]}"
summarize || status=1
exit "$status"
