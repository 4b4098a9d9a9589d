namespace Aether.Cli.Tests;

/// <summary>Exit code and output of a command.</summary>
internal sealed record CliResult(int Code, string Output, string Errors);
