namespace Aether.Cli.Output;

/// <summary>Format of the output.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs.</summary>
    Json,
}
