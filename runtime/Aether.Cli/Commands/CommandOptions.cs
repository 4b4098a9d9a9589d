using System.CommandLine;
using Aether.Cli.Output;

namespace Aether.Cli.Commands;

/// <summary>Options that the commands share.</summary>
internal static class CommandOptions
{
    public static Argument<string> Volume() => new("volume")
    {
        Description = "Folder of a world's volume, or of a copy of one",
    };

    public static Option<OutputFormat> Output() => new("--output", "-o")
    {
        Description = "For people (table) or for programs (json)",
        DefaultValueFactory = _ => OutputFormat.Table,
    };

    public static Option<string?> World() => new("--world")
    {
        Description = "Identity of the world, for a copy without the file volume.id",
    };

    public static Option<string> Folder() => new("--folder")
    {
        Description = "The log in another folder of the volume, such as diverged/3-57",
        DefaultValueFactory = _ => "wal",
    };
}
