#!/usr/bin/env bash
# Writes a bill of materials (CycloneDX) of each program and library that ships into artifacts/sbom: its packages with
# version, licence and hash, as the committed lock files pin them.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=artifacts/sbom
version=$(.ci/version.sh)
rm -rf "$folder"
run_logged restore dotnet restore
run_logged restore-tools dotnet tool restore
for project in operator/Aether.Operator runtime/Aether.Agent runtime/Aether.Cli runtime/Aether.Client \
    runtime/Aether.Persistence.Stores; do
    name=${project##*/}
    run_logged "sbom-$name" dotnet dotnet-CycloneDX "$project/$name.csproj" --output "$folder" \
        --filename "$name.cdx.json" --output-format Json --set-name "$name" --set-version "$version" \
        --disable-package-restore --include-project-references
done
ls "$folder"/*.cdx.json
