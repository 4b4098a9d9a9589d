using System.CommandLine;
using Aether.Cli.Output;
using Aether.Persistence;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Commands;

/// <summary>Prints the commits of a log, one per line.</summary>
internal sealed class WalCat : IVolumeCommand
{
    private readonly Option<string> _folder = CommandOptions.Folder();

    private readonly Option<ulong> _from = new("--from")
    {
        Description = "The first commit to print",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<ulong> _to = new("--to")
    {
        Description = "The last commit to print (default: to the end)",
        DefaultValueFactory = _ => ulong.MaxValue,
    };

    private readonly Option<string?> _kind = new("--kind")
    {
        Description = "Only commits that change a key of this kind, and only such changes",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "Only commits that change a key of this id, and only such changes",
    };

    private readonly Option<ValueEncoding> _values = new("--values")
    {
        Description = "Print the values too: text, base64 or hex",
        DefaultValueFactory = _ => ValueEncoding.None,
    };

    public Command Define() => new("cat", "Print the commits of the log, one per line")
    {
        _from, _to, _kind, _key, _values, _folder,
    };

    public Task<ExitCode> RunAsync(
        Invocation invocation, ParseResult parsed, CancellationToken cancellationToken)
    {
        var volume = invocation.Volume;
        var log = new LogInspector(volume.Files, volume.World, volume.FolderOf(parsed.GetValue(_folder)!));
        var (kind, key, values) = (parsed.GetValue(_kind), parsed.GetValue(_key), parsed.GetValue(_values));
        var (from, to) = (new Sequence(parsed.GetValue(_from)), new Sequence(parsed.GetValue(_to)));
        foreach (var commit in log.ReadCommits(from, to))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var shown = commit with { Changes = [.. commit.Changes.Where(IsShown)] };
            if (shown.Changes.Count == 0)
                continue;
            var line = CommitLine.Of(shown, values);
            if (invocation.IsJson)
                invocation.WriteJson(line, CliJson.Write);
            else
                invocation.Output.WriteLine(line);
        }

        foreach (var damage in log.Damages)
            invocation.Errors.WriteLine($"aether: '{damage.File}' is damaged at byte {damage.Offset}: {damage.Reason}");
        return Task.FromResult(log.Damages.Count > 0 ? ExitCode.Damaged : ExitCode.Fine);

        bool IsShown(LoggedChange change) =>
            (kind is null || change.Key.Kind == kind) && (key is null || change.Key.Id == key);
    }
}
