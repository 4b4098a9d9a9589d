#!/usr/bin/env bash
# Builds testapiserver from Debian packages alone and prints the path of the binary.
#
# A private apt root (own sources, lists, cache and an empty package status) resolves and downloads
# the Go toolchain and the Kubernetes libraries of Debian sid; the machine's own apt state and
# packages stay as they are. The result is kept per state of the sources, so that a second run only
# prints the path. Needs about 4 GB of disk while it runs; of that only the binary stays.
#
#   APISERVER_CACHE   where to work and to keep the binary [${XDG_CACHE_HOME:-~/.cache}/aether-apiserver]
#   APISERVER_MIRROR  Debian mirror   [the one this machine's own apt sources name]
#   APISERVER_SUITE   Debian suite    [sid]
#   APISERVER_KEEP    non-empty: keep packages and build cache, so that the next build is short
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../servers/private-apt.sh"
cache=${APISERVER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/aether-apiserver}
suite=${APISERVER_SUITE:-sid}
binary=$cache/testapiserver-$(cat "$here"/*.go "$here/build.sh" | sha256sum | cut -c1-16)

say() { echo "apiserver: $*" >&2; }

if [[ -x $binary ]]; then echo "$binary"; exit; fi
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [[ -x $binary ]]; then echo "$binary"; exit; fi # another run has just built it

work=$cache/work root=$cache/work/root
trap '[[ -n ${APISERVER_KEEP:-} ]] || rm -rf "$work"' EXIT

unpack() {
    say "reading the package lists of Debian $suite"
    private_apt "$work/apt" "$suite" "${APISERVER_MIRROR:-}"
    # golang-go is the suite's own choice among its golang-1.xx-go. Of the closure only golang-* is
    # wanted: the rest is what a Debian system around it would have.
    apt-get -c "$work/apt/apt.conf" -s install golang-go golang-k8s-apiextensions-apiserver-dev |
        sed -nE 's/^Inst (golang-[^ ]+) \(([^ ]+) .*/\1=\2/p' >"$work/packages"
    say "downloading $(wc -l <"$work/packages") packages"
    mkdir -p "$work/debs" "$root"
    (cd "$work/debs" && xargs -a "$work/packages" -n 50 apt-get -c "$work/apt/apt.conf" -q download) \
        >"$work/download.log" 2>&1 || { tail -n 20 "$work/download.log" >&2; return 1; }
    say "unpacking $(du -sh "$work/debs" | cut -f1)"
    local deb
    for deb in "$work"/debs/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" |
            tar -x -C "$root" --exclude='*_test.go' --exclude='./usr/share/doc' --exclude='./usr/bin'
    done
    rm -rf "$work/debs" "$work/apt"
    touch "$work/unpacked"
}

# What the served kinds and their fields consist of: the source of OpenAPI and of server-side apply.
openapi_of=(
    k8s.io/api/{admissionregistration,apps,authentication,authorization,autoscaling,batch}/v1
    k8s.io/api/{coordination,core,events,networking,policy,rbac}/v1
    k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1
    k8s.io/apimachinery/pkg/{api/resource,apis/meta/v1,runtime,util/intstr,version}
)

compile() {
    local src=$work/gopath/src/testapiserver version
    GOROOT=$(dirname "$(dirname "$(ls -d "$root"/usr/lib/go-1.*/bin/go | sort -V | tail -n1)")")
    export GOROOT GOPATH=$work/gopath:$root/usr/share/gocode GOCACHE=$work/gocache PATH=$GOROOT/bin:$PATH
    export GO111MODULE=off GOENV=off GOTOOLCHAIN=local GOFLAGS=-buildvcs=false CGO_ENABLED=0
    rm -rf "$src" && mkdir -p "$src/openapi" && cp "$here"/*.go "$src"

    say "generating OpenAPI definitions with $(go version | cut -d' ' -f3)"
    go build -o "$work/openapi-gen" k8s.io/kube-openapi/cmd/openapi-gen
    : >"$work/header"
    (cd "$src" && "$work/openapi-gen" --go-header-file "$work/header" --report-filename "$work/openapi.report" \
        --output-dir openapi --output-pkg testapiserver/openapi --output-file generated.go "${openapi_of[@]}")

    say "compiling"
    # 0.36.4-2 is Kubernetes 1.36.4.
    version=$(sed -nE 's/^golang-k8s-apiserver-dev=0\.([0-9]+\.[0-9]+).*/\1/p' "$work/packages")
    local v=k8s.io/component-base/version
    go build -trimpath -ldflags "-s -w -X $v.gitVersion=v1.$version -X $v.gitMajor=1 -X $v.gitMinor=${version%%.*}" \
        -o "$work/testapiserver" testapiserver
}

[[ -e $work/unpacked ]] || { rm -rf "$work"; mkdir -p "$work"; unpack; }
compile
# Other work trees have other sources: the two binaries before this one stay.
find "$cache" -maxdepth 1 -name 'testapiserver-*' ! -name '*.packages' -printf '%T@ %p\n' | sort -rn | tail -n +3 |
    cut -d' ' -f2- | while read -r old; do rm -f "$old" "$old.packages"; done
cp "$work/packages" "$binary.packages"
mv "$work/testapiserver" "$binary"
echo "$binary"
