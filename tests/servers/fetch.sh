#!/usr/bin/env bash
# Unpacks the servers of a newer Debian suite into a folder of their own and prints that folder, for AETHER_SERVERS:
#
#   tests/servers/fetch.sh trixie     PostgreSQL 17, Redis 8.0, Valkey 8.1, nats-server 2.10, PgBouncer 1.24
#   tests/servers/fetch.sh sid        PostgreSQL 18, Redis 8, Valkey 9, nats-server 2.15, PgBouncer 1.26
#
# The machine's own apt state and packages stay as they are. The servers bring their own C library, so each program
# is started through a small script that names the loader and the libraries of its suite. A second run only prints
# the path.
#
#   SERVERS_CACHE   where to keep them [aether-servers in /var/cache as root, else in ${XDG_CACHE_HOME:-~/.cache}]
#
# In the folder that is printed:
#   postgres/ redis/ valkey/ nats/ pgbouncer/    programs, by server; valkey/ has a redis-server, which is valkey-server
#   versions                                     a line per package: name and version
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/private-apt.sh"
suite=${1:?usage: fetch.sh trixie|sid}
case $suite in
    trixie) postgres=17 ;;
    sid) postgres=18 ;;
    *) echo "No servers are known of suite '$suite': trixie or sid." >&2; exit 2 ;;
esac

# PostgreSQL refuses to run as root and is started as another user, who must be able to reach the folder.
if ((EUID)); then default=${XDG_CACHE_HOME:-$HOME/.cache}/aether-servers; else default=/var/cache/aether-servers; fi
cache=${SERVERS_CACHE:-$default}
servers=$cache/$suite-$(sed '/^ *#/d' "$here"/*.sh | sha256sum | cut -c1-12)
[[ -e $servers/versions ]] && { echo "$servers"; exit; }
mkdir -p "$cache"
exec 9>"$cache/$suite.lock"
flock 9
[[ -e $servers/versions ]] && { echo "$servers"; exit; } # another run has just unpacked them

say() { echo "servers: $*" >&2; }
root=$servers/root
rm -rf "$servers"
mkdir -p "$root" "$servers/debs"

say "reading the package lists of Debian $suite"
private_apt "$servers/apt" "$suite"
packages=("postgresql-$postgres" "postgresql-client-$postgres" redis-server valkey-server nats-server pgbouncer)
# An empty package status makes this the whole closure, the C library included.
apt-get -c "$servers/apt/apt.conf" -s install "${packages[@]}" |
    sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1=\2/p' >"$servers/closure"
say "downloading $(wc -l <"$servers/closure") packages"
(cd "$servers/debs" && xargs -a "$servers/closure" -n 50 apt-get -c "$servers/apt/apt.conf" -q download) \
    >"$servers/download.log" 2>&1 || { tail -n 20 "$servers/download.log" >&2; exit 1; }
say "unpacking $(du -sh "$servers/debs" | cut -f1)"
for deb in "$servers"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink --exclude=./usr/share/doc \
        --exclude=./usr/share/man --exclude=./usr/share/locale
done
rm -rf "$servers/debs" "$servers/apt"

# The loader and library folders of the suite, wherever it keeps them.
loader=$(find "$root" -name 'ld-linux*.so.*' -print -quit)
libraries=$(find "$root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)

# in_own_libraries PROGRAM: replaces the program by a script with the same path. The path must stay the same because
# PostgreSQL finds its files relative to it.
in_own_libraries() {
    local program=$1
    head -c 4 "$program" | grep -q ELF || return 0
    mv "$program" "$program.program"
    printf '#!/bin/sh\nexec "%s" --library-path "%s" --argv0 "%s" "%s" "$@"\n' \
        "$loader" "$libraries" "$program" "$program.program" >"$program"
    chmod 755 "$program"
}

for program in "$root/usr/lib/postgresql/$postgres/bin"/*; do in_own_libraries "$program"; done
ln -s "$root/usr/lib/postgresql/$postgres/bin" "$servers/postgres"
mkdir "$servers"/{redis,valkey,nats,pgbouncer}
for program in redis/redis-server valkey/valkey-server nats/nats-server pgbouncer/pgbouncer; do
    found=$(find "$root"/usr/{bin,sbin} -name "${program#*/}" -print -quit)
    cp -L "$found" "$servers/$program"
    in_own_libraries "$servers/$program"
done
ln -s valkey-server "$servers/valkey/redis-server"
sed -nE "s/^(postgresql-$postgres|redis-server|valkey-server|nats-server|pgbouncer)=(.*)/\1 \2/p" \
    "$servers/closure" >"$servers/versions.new"
mv "$servers/versions.new" "$servers/versions"
echo "$servers"
