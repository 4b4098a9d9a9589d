namespace Aether.Agent.Tests.Servers;

/// <summary>A row of <c>critical_state</c>.</summary>
public sealed record CriticalRow(string Kind, string Id, ulong Version, string ValueInHex);
