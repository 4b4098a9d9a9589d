using System.Collections.Immutable;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Injection;

/// <summary>The injected variables of a world's own containers.</summary>
internal static class WorldVariables
{
    /// <summary>The paths of the agent's sockets; the agent gets the same variables.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Sockets { get; } =
    [
        KeyValuePair.Create(AetherVariables.Socket, $"{AetherNames.SocketDirectory}/{AetherNames.SocketFile}"),
        KeyValuePair.Create(AetherVariables.HttpSocket, $"{AetherNames.SocketDirectory}/{AetherNames.HttpSocketFile}"),
    ];

    public static ImmutableArray<KeyValuePair<string, string>> For(WorldNames world) =>
    [
        .. Sockets,
        KeyValuePair.Create(AetherVariables.WorldName, world.Name),
        KeyValuePair.Create(AetherVariables.WorldNamespace, world.Namespace),
    ];
}
