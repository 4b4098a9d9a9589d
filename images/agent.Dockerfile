# The agent, which is the aether command too. It is native, so it is compiled on the architecture it is for; elsewhere
# buildx emulates it. Base images are arguments: a machine without this registry names its own.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

FROM ${RUNTIME_IMAGE} AS base

FROM ${SDK_IMAGE} AS build
ARG TARGETARCH
# What the native compiler links with.
RUN apt-get update && apt-get install -y --no-install-recommends clang zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY runtime/ runtime/
RUN dotnet publish runtime/Aether.Agent -c Release
# An image of another architecture than its manifest says would fail where nobody looks: at the first start.
RUN case "$TARGETARCH" in amd64) want=3e00;; arm64) want=b700;; *) echo "no agent for $TARGETARCH"; exit 1;; esac; \
    test "$(od -An -tx1 -j18 -N2 artifacts/publish/Aether.Agent/release/aether-agent | tr -d ' ')" = "$want"
# The base without what no native program loads (ADR 0017). Its lists of packages stay, for scanners.
COPY --from=base / /image/
RUN rm -f /image/usr/lib/*-linux-gnu/libstdc++.so.6* /image/usr/lib/*-linux-gnu/libmvec.so.1 && mkdir -p /image/app && \
    cp artifacts/publish/Aether.Agent/release/aether-agent /image/app/ && ln -s aether-agent /image/app/aether
# A program that comes to need one of those libraries fails here, not in a pod.
RUN chroot /image /app/aether-agent --version && chroot /image /app/aether --version
RUN size=$(find /image -xdev -type f -printf '%s\n' | awk '{sum += $1} END {print sum}'); \
    if [ "$size" -gt 40000000 ]; then echo "the image holds $size bytes, more than 40000000 (ADR 0017)"; exit 1; fi; \
    echo "the image holds $size bytes of at most 40000000"

FROM scratch
COPY --from=build /image/ /
# "kubectl exec POD -c aether-agent -- aether wal ls ..." names no folder.
ENV PATH=/app
WORKDIR /app
USER 65532:65532
EXPOSE 9464
ENTRYPOINT ["/app/aether-agent"]
