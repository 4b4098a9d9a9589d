using Aether.Persistence.Tests.Simulation;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>A world before its fault: created once for a seed, and used by all its schedules.</summary>
internal sealed record FirstLife(SimulatedFileSystem Volume, WorldModel Model, PersistenceOptions Options)
{
    /// <summary>Number of steps in a life: enough to rotate, to recycle, and to drop segments and snapshots.</summary>
    public const int Steps = 10;

    public static async Task<FirstLife> OfAsync(int seed, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var volume = new SimulatedFileSystem(seed);
        var model = new WorldModel();
        var options = new PersistenceOptions
        {
            WorldId = "world-under-test",
            Holder = "test",
            SegmentBytes = random.Next(3) == 0 ? 8192 : 4096,
            MaxSnapshots = random.Next(1, 4),
            MaxIdempotencyKeys = 1000,
            AcknowledgeInline = random.Next(2) == 0,
        };
        await using (var world = await ScheduledWorld.OpenAsync(volume, options, cancellationToken))
        {
            for (var i = 0; i < Steps; i++)
                await model.StepAsync(world, random, cancellationToken);
        }

        volume.Restart(powerLoss: random.Next(2) == 0);
        return new FirstLife(volume, model, options);
    }
}
