#!/usr/bin/env bash
# Builds the images of operator and agent with docker or podman. REGISTRY and TAG name them. PLATFORMS
# (linux/amd64,linux/arm64) builds them for several architectures and pushes them: no local store holds such images.
# SDK_IMAGE, OPERATOR_BASE and AGENT_BASE replace the base images.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tag=${TAG:-$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)}
prefix=${REGISTRY:+${REGISTRY%/}/}

engine=
for candidate in docker podman; do
    if command -v "$candidate" >/dev/null && "$candidate" info >/dev/null 2>&1; then
        engine=$candidate
        break
    fi
done
if [[ -z $engine ]]; then
    echo "Images need docker or podman, and neither is here with an engine that answers ('docker info')." >&2
    echo "Install one, or start it: https://docs.docker.com/engine/install or https://podman.io/docs/installation" >&2
    exit 1
fi
if [[ -n ${PLATFORMS-} && -z $prefix ]]; then
    echo "PLATFORMS is set and REGISTRY is not: images for several platforms are pushed. Set REGISTRY." >&2
    exit 1
fi

build() { # NAME BASE
    local name=$1 image=$prefix$1:$tag arguments=()
    [[ -z ${SDK_IMAGE-} ]] || arguments+=(--build-arg "SDK_IMAGE=$SDK_IMAGE")
    [[ -z $2 ]] || arguments+=(--build-arg "RUNTIME_IMAGE=$2")
    arguments+=(--file "images/${name#aether-}.Dockerfile")
    say "Building $image${PLATFORMS:+ for $PLATFORMS}"
    if [[ -z ${PLATFORMS-} ]]; then
        "$engine" build "${arguments[@]}" --tag "$image" .
    elif [[ $engine == docker ]]; then
        docker buildx build "${arguments[@]}" --platform "$PLATFORMS" --tag "$image" --push .
    else
        podman build "${arguments[@]}" --platform "$PLATFORMS" --manifest "$image" .
        podman manifest push --all "$image"
    fi
}

build aether-operator "${OPERATOR_BASE-}"
build aether-agent "${AGENT_BASE-}"
