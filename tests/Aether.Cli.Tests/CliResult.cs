namespace Aether.Cli.Tests;

/// <summary>How a command ended, and what it said.</summary>
internal sealed record CliResult(int Code, string Output, string Errors);
