# The agent, which is also the aether command. It is native code, so it is compiled on its target architecture, which
# buildx emulates on other machines. Base images are arguments, for machines that cannot reach this registry.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

FROM ${RUNTIME_IMAGE} AS base

FROM ${SDK_IMAGE} AS build
ARG TARGETARCH
# The linker and the library that the native compiler needs.
RUN apt-get update && apt-get install -y --no-install-recommends clang zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY runtime/ runtime/
RUN dotnet publish runtime/Aether.Agent -c Release
# Fail the build if the program is not for the architecture of the manifest: such an image would fail in a pod.
RUN case "$TARGETARCH" in amd64) want=3e00;; arm64) want=b700;; *) echo "no agent for $TARGETARCH"; exit 1;; esac; \
    test "$(od -An -tx1 -j18 -N2 artifacts/publish/Aether.Agent/release/aether-agent | tr -d ' ')" = "$want"
# The base image without two libraries that no native program loads (ADR 0017). Its package lists stay, for scanners.
COPY --from=base / /image/
RUN rm -f /image/usr/lib/*-linux-gnu/libstdc++.so.6* /image/usr/lib/*-linux-gnu/libmvec.so.1 && mkdir -p /image/app && \
    cp artifacts/publish/Aether.Agent/release/aether-agent /image/app/ && ln -s aether-agent /image/app/aether
# If the program ever needs one of those libraries, it fails here and not in a pod.
RUN chroot /image /app/aether-agent --version && chroot /image /app/aether --version
RUN size=$(find /image -xdev -type f -printf '%s\n' | awk '{sum += $1} END {print sum}'); \
    if [ "$size" -gt 40000000 ]; then echo "the image holds $size bytes, more than 40000000 (ADR 0017)"; exit 1; fi; \
    echo "the image holds $size bytes of at most 40000000"

FROM scratch
COPY --from=build /image/ /
# For "kubectl exec POD -c aether-agent -- aether wal ls ...".
ENV PATH=/app
WORKDIR /app
USER 65532:65532
EXPOSE 9464
ENTRYPOINT ["/app/aether-agent"]
