namespace Aether.Operator.Kinds;

/// <summary>Settings of the injected agent.</summary>
internal sealed class AgentSpec
{
    public string? Image { get; set; }

    public AgentResources? Resources { get; set; }

    [OneOf<FileSystemGroupPolicy>]
    public string FsGroup { get; set; } = nameof(FileSystemGroupPolicy.Auto);

    [OneOf<AgentLogLevel>]
    public string LogLevel { get; set; } = nameof(AgentLogLevel.Information);
}
