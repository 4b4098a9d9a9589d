#!/usr/bin/env bash
# Installs the programs of the development cluster with apt; without the right to do that, prints what to install.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# package -> a command that succeeds if it is installed; all packages are Debian 12's.
missing=()
need() { # PACKAGE TEST...
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
on_path() { command -v "$1" || command -v "/usr/sbin/$1"; }
any_file() { compgen -G "$1"; }

need postgresql any_file '/usr/lib/postgresql/*/bin/initdb'
need pgbouncer on_path pgbouncer
need redis-server on_path redis-server
need nats-server on_path nats-server
need etcd-server on_path etcd
need patroni on_path patroni
# Patroni uses it to talk to etcd.
need python3-etcd any_file '/usr/lib/python3*/dist-packages/etcd/__init__.py'
need kubernetes-client on_path kubectl
# With promtool; tests run rules and dashboards on them.
need prometheus on_path prometheus
need clang on_path clang
need zlib1g-dev any_file '/usr/include/zlib.h'
need curl on_path curl
# Needed by .ci/helm.sh.
need npm on_path npm
need unzip on_path unzip
need ca-certificates any_file '/etc/ssl/certs/ca-certificates.crt'

if ! dotnet --version >/dev/null 2>&1; then
    wanted=$(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' global.json)
    echo "The .NET SDK $wanted (global.json), or a later 10.0 feature band, is missing." >&2
    echo "Install it: https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
    exit 1
fi

if ((${#missing[@]})); then
    as_root=()
    if ((EUID)); then
        if sudo -n true 2>/dev/null; then as_root=(sudo -n); else as_root=(no); fi
    fi
    if [[ ${as_root[*]-} == no ]] || ! command -v apt-get >/dev/null; then
        echo "Missing: ${missing[*]}. Install them, then run make again:" >&2
        echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    say "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    run_logged apt-update "${as_root[@]}" apt-get -q update
    run_logged apt-install "${as_root[@]}" apt-get -qy install --no-install-recommends "${missing[@]}"
fi

# The line comes before, because the first run takes some seconds. A failure is no error here: only the chart's tests
# need helm and kubectl, and they run the same script.
printf 'Helm and kubectl: '
.ci/helm.sh || echo "they cannot be installed, for the reason above: tests of the chart will fail, all others run." >&2

assets=${KUBEBUILDER_ASSETS:-/usr/local/kubebuilder/bin}
if [[ -x $assets/kube-apiserver && -x $assets/etcd ]]; then
    echo "API server: kube-apiserver of $assets"
else
    # Not redirected to the log: the first build takes about three minutes and prints its progress.
    echo "API server: $(tests/apiserver/build.sh)"
fi
