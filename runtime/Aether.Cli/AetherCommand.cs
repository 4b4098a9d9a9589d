using System.CommandLine;
using Aether.Cli.Commands;
using Aether.Persistence;
using Aether.Persistence.Wal;

namespace Aether.Cli;

/// <summary>The tree of commands, and how each command ends.</summary>
internal sealed class AetherCommand(TextWriter output, TextWriter errors, TimeProvider clock)
{
    public Task<int> RunAsync(IReadOnlyList<string> arguments) =>
        CommandInvoker.RunAsync(Root(), Program.Name, arguments, output, errors, (int)ExitCode.BadUsage);

    private RootCommand Root() => new("Inspects and repairs a world's volume, without a cluster.")
    {
        new Command("wal", "The write-ahead log")
        {
            Define(new WalLs()),
            Define(new WalCat()),
            Define(new WalVerify()),
            Define(new WalRepair()),
        },
        new Command("snapshot", "The snapshots on the volume")
        {
            Define(new SnapshotLs()),
            Define(new SnapshotVerify()),
        },
        new Command("diverged", "Diverged logs, whose last commits are not part of the world")
        {
            Define(new DivergedLs()),
        },
    };

    private Command Define(IVolumeCommand definition)
    {
        var command = definition.Define();
        var volume = CommandOptions.Volume();
        var format = CommandOptions.Output();
        var world = CommandOptions.World();
        command.Add(volume);
        command.Add(format);
        command.Add(world);
        command.SetAction(async (parsed, cancellationToken) => (int)await GuardAsync(async () =>
        {
            var invocation = new Invocation
            {
                Volume = OpenedVolume.Open(parsed.GetValue(volume)!, parsed.GetValue(world)),
                Format = parsed.GetValue(format),
                Output = output,
                Errors = errors,
                Clock = clock,
            };
            var code = await definition.RunAsync(invocation, parsed, cancellationToken);
            await output.FlushAsync(cancellationToken);
            return code;
        }));
        return command;
    }

    private async Task<ExitCode> GuardAsync(Func<Task<ExitCode>> run)
    {
        try
        {
            return await run();
        }
        catch (UsageException exception)
        {
            return await FailAsync(exception, ExitCode.BadUsage);
        }
        catch (Exception exception) when (exception is WalCorruptException or VolumeDamagedException
            or InvalidDataException)
        {
            return await FailAsync(exception, ExitCode.Damaged);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or VolumeInUseException or StoreUnavailableException)
        {
            return await FailAsync(exception, ExitCode.Failed);
        }
    }

    private async Task<ExitCode> FailAsync(Exception exception, ExitCode code)
    {
        await output.FlushAsync();
        await errors.WriteLineAsync($"aether: {exception.Message}");
        return code;
    }
}
