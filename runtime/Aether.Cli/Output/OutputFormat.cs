namespace Aether.Cli.Output;

/// <summary>Who reads the output.</summary>
internal enum OutputFormat
{
    /// <summary>People.</summary>
    Table,

    /// <summary>Programs.</summary>
    Json,
}
