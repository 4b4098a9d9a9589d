#!/usr/bin/env bash
# Writes VERSION into Directory.Build.props, its source, and into every other file that must name it; VersionTests in
# tests/Aether.Architecture.Tests checks that they agree. Without VERSION, prints the version.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

current=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
if [[ -z ${VERSION-} ]]; then
    echo "$current"
    exit
fi
if ! [[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
    echo "VERSION is '$VERSION'; it is MAJOR.MINOR.PATCH, perhaps with -PRERELEASE." >&2
    exit 1
fi
old=${current//./\\.}
sed -i "s:<Version>$old</Version>:<Version>$VERSION</Version>:" Directory.Build.props
sed -i -E "s/^(version|appVersion): $old$/\1: $VERSION/" charts/aether-persistence/Chart.yaml
sed -i -E "s/(aether-(operator|agent)):$old/\1:$VERSION/" config/operator/deployment.yaml docs/operator.md \
    operator/Aether.Operator/OperatorOptions.cs
grep -q "^## ${VERSION//./\\.}" CHANGELOG.md ||
    sed -i "0,/^## /s/^## /## $VERSION\n\n## /" CHANGELOG.md
echo "$current -> $VERSION. Lock files name it too: run dotnet restore, and commit what changed."
