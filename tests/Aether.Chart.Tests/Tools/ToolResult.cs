namespace Aether.Chart.Tests.Tools;

/// <summary>Exit code and output of a program.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public string All => Output + Errors;
}
