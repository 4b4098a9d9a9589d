#!/usr/bin/env bash
# Creates the NuGet packages of the libraries in runtime/, with symbols, in artifacts/package/release. They name
# REPOSITORY_URL as their source, by default the URL of the git remote "origin".
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

url=${REPOSITORY_URL:-$(git remote get-url origin 2>/dev/null || true)}
if [[ -z $url ]]; then
    echo "No git remote 'origin' and no REPOSITORY_URL: the packages will not say where their source is." >&2
fi
folder=artifacts/package/release
rm -rf "$folder"
run_logged pack dotnet pack -c Release -p:ContinuousIntegrationBuild=true ${url:+-p:RepositoryUrl="$url"}
ls "$folder"
