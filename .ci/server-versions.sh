#!/usr/bin/env bash
# Prints the versions of the servers that the tests start, in one line, for example:
# PostgreSQL 15.18, Redis 7.0.15, nats-server 2.9.10, PgBouncer 1.18.0.
set -euo pipefail

# The folders that tools/Aether.TestServers searches, in the same order.
PATH=${AETHER_SERVERS:-}:$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr | paste -sd:):$PATH:/usr/sbin
number() { grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1; }

redis=$(redis-server --version)
echo "PostgreSQL $(postgres --version | number), ${redis%% *} $(sed 's/.*v=//' <<<"$redis" | number)," \
    "nats-server $(nats-server --version | number), PgBouncer $(pgbouncer --version 2>/dev/null | number || echo none)"
