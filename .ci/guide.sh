#!/usr/bin/env bash
# Prints the folder of the guide's compiled TypeScript world. The first run, and the first run after a change, compiles
# it with the packages that config/samples/guide/typescript pins; the result stays in the user's cache.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

sample=config/samples/guide/typescript
inputs=$(git ls-files --cached --others --exclude-standard "$sample" runtime/proto | sort)
# The first line of the key is the version of Node.js, because the result depends on it.
key=$({ node --version && xargs sha256sum <<<"$inputs"; } | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/aether-guide/$key
if [[ -f $cache/built/world.js ]]; then
    echo "$cache"
    exit
fi

mkdir -p "${cache%/*}"
# Built in a folder of its own and then renamed, so another run never sees half of it.
work=$(mktemp -d "$cache.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$sample"/. "$work"
cp -r runtime/proto "$work/proto"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
npm run build --prefix "$work" >&2
mv --no-target-directory "$work" "$cache" 2>/dev/null || [[ -f $cache/built/world.js ]]
echo "$cache"
