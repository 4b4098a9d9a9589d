#!/usr/bin/env bash
# Writes a bill of materials (CycloneDX) of each thing that ships into artifacts/sbom: the packages it is made of, with
# version, licence and hash, as the committed lock files fix them.
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
