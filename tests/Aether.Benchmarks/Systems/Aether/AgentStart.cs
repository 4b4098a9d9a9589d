using Aether.Benchmarks.Harness;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>Starts agents of empty worlds one after the other, for the measured time.</summary>
internal sealed class AgentStart(string system) : IContestant
{
    public string System => system;

    public async Task<Measurement> MeasureAsync(Trial trial)
    {
        var times = new List<TimeSpan>();
        var left = trial.Measured;
        while (times.Count == 0 || left > TimeSpan.Zero)
        {
            var folder = Directory.CreateDirectory(Path.Combine(trial.Folder, $"{times.Count}"));
            var time = await AetherAgent.TimeToServeAsync(folder.FullName);
            times.Add(time);
            left -= time;
        }

        times.Sort();
        return new Measurement
        {
            OpsPerSecond = times.Count / times.Sum(time => time.TotalSeconds),
            P50 = times[times.Count / 2].TotalMicroseconds,
            P99 = times[^1].TotalMicroseconds,
        };
    }
}
