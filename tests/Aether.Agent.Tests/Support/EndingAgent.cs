using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Agent.Tests.Support;

/// <summary>An agent of an older version that is about to stop: it ends each subscription after one event.</summary>
internal sealed class EndingAgent : StandInAgent
{
    public static Task<EndingAgent> StartAsync(string socketPath) => StartAsync(new EndingAgent(), socketPath);

    public override Task SubscribeEvents(
        SubscribeEventsRequest request, IServerStreamWriter<Event> responseStream, ServerCallContext context) =>
        responseStream.WriteAsync(new Event { EventSequence = request.AfterSequence + 1 }, context.CancellationToken);
}
