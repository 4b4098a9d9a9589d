using System.Globalization;
using Aether.Persistence.Contracts;
using Grpc.Core;
using Wire = Aether.Persistence.V1;

namespace Aether.Agent.Grpc;

/// <summary>Converts a <see cref="Refusal"/> for gRPC.</summary>
internal static class GrpcRefusal
{
    /// <summary>The status of a refused call.</summary>
    public static RpcException ToStatus(Refusal refusal)
    {
        var trailers = new Metadata();
        foreach (var (name, value) in refusal.Facts)
            trailers.Add(name, value);
        return new RpcException(new Status(refusal.Code, refusal.Message), trailers);
    }

    /// <summary>The answer to one commit of a stream.</summary>
    public static Wire.Rejection ToRejection(Refusal refusal)
    {
        var rejection = new Wire.Rejection { Code = (int)refusal.Code, Message = refusal.Message };
        foreach (var (name, value) in refusal.Facts)
            rejection.Facts.Add(name, value);
        if (refusal.Facts.TryGetValue(AetherTrailers.CurrentVersion, out var version))
            rejection.CurrentVersion = ulong.Parse(version, CultureInfo.InvariantCulture);
        return rejection;
    }
}
