using System.Reflection;

namespace Aether.Agent;

/// <summary>Version of this agent.</summary>
internal static class AgentVersion
{
    public static string Text { get; } =
        typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "";
}
