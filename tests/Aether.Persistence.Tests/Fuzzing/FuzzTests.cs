using System.Diagnostics;
using Aether.Persistence.Tests.Schedules;
using Xunit.Sdk;

namespace Aether.Persistence.Tests.Fuzzing;

/// <summary>
/// Whatever bytes a disk or a store returns: a decoder refuses them in the documented way, and allocates in proportion
/// to their real number, never to a damaged length.
/// </summary>
[Trait("Kind", "Long")]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 100_000;
    private const string Variable = "AETHER_FUZZ";

    // A change of 5 bytes becomes an object with key and hash; a window and a scanner have a fixed cost.
    private const int AllocatedPerByte = 64;
    private const int AllocatedAnyway = 256 << 10;

    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private int _inputs;

    [Fact]
    public async Task No_bytes_make_a_decoder_fail_in_another_way_or_allocate_without_bound()
    {
        var decoders = await Decoders.CreateAsync();
        if (Soak.ReadNumber(Variable) is { } given)
        {
            Run(decoders, given);
            return;
        }

        var first = Soak.FirstSeed;
        Parallel.ForEach(
            Enumerable.Range(first, int.MaxValue - first).TakeWhile(_ => KeepsRunning()),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            seed => Run(decoders, seed));

        output.WriteLine($"{_inputs} inputs in {_elapsed.Elapsed}.");
        Assert.InRange(_inputs, Soak.AtLeast(Inputs), int.MaxValue);
    }

    private bool KeepsRunning() => Soak.Length is { } length
        ? _elapsed.Elapsed < length
        : Volatile.Read(ref _inputs) < Inputs;

    private void Run(Decoders decoders, int seed)
    {
        try
        {
            var (given, allocated) = decoders.Run(seed);
            Assert.InRange(allocated, 0, ((long)given * AllocatedPerByte) + AllocatedAnyway);
            Interlocked.Increment(ref _inputs);
        }
        catch (Exception exception)
        {
            throw new XunitException(
                $"Input {seed}; {Variable}={seed} dotnet run --project tests/Aether.Persistence.Tests -- "
                + "-class '*FuzzTests'", exception);
        }
    }
}
