# The agent, and the aether command beside it. Both are native, so they are compiled on the architecture they are for;
# elsewhere buildx emulates it. Base images are arguments: a machine without this registry names its own.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS build
ARG TARGETARCH
# What the native compiler links with.
RUN apt-get update && apt-get install -y --no-install-recommends clang zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY runtime/ runtime/
RUN dotnet publish runtime/Aether.Agent -c Release
RUN dotnet publish runtime/Aether.Cli -c Release -o artifacts/publish/Aether.Agent/release
# An image of another architecture than its manifest says would fail where nobody looks: at the first start.
RUN case "$TARGETARCH" in amd64) want=3e00;; arm64) want=b700;; *) echo "no agent for $TARGETARCH"; exit 1;; esac; \
    test "$(od -An -tx1 -j18 -N2 artifacts/publish/Aether.Agent/release/aether-agent | tr -d ' ')" = "$want"

FROM ${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build /src/artifacts/publish/Aether.Agent/release/aether-agent ./
COPY --from=build /src/artifacts/publish/Aether.Agent/release/aether ./
USER 65532:65532
EXPOSE 9464
ENTRYPOINT ["/app/aether-agent"]
