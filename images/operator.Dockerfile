# The operator. Its code is the same for every architecture, so it is compiled on the builder's own. Base images are
# arguments, for machines that cannot reach this registry.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS build
WORKDIR /src
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY runtime/ runtime/
COPY operator/ operator/
RUN dotnet publish operator/Aether.Operator -c Release -p:UseAppHost=false

FROM ${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build /src/artifacts/publish/Aether.Operator/release/ ./
# The runtime's diagnostics socket would need a writable /tmp; the root is read-only.
ENV DOTNET_EnableDiagnostics=0
USER 65532:65532
EXPOSE 8080 8443
ENTRYPOINT ["dotnet", "/app/aether-operator.dll"]
