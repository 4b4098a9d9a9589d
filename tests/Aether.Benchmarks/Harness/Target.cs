namespace Aether.Benchmarks.Harness;

/// <summary>A target of a benchmark: a figure of ours compared with a bound, which may be a peer's figure.</summary>
/// <param name="Text">In words: "0.85 x raw".</param>
/// <param name="Systems">The systems whose results it needs; without them it is not judged.</param>
/// <param name="Unit">Unit of <paramref name="Figure"/>: "x", "us", "/s".</param>
/// <param name="Figure">The figure, from those results in their order.</param>
/// <param name="Bound">The bound of the figure.</param>
/// <param name="AtLeast">Whether the figure must be at least the bound; otherwise at most.</param>
internal sealed record Target(
    string Text,
    IReadOnlyList<string> Systems,
    string Unit,
    Func<Result[], double> Figure,
    double Bound,
    bool AtLeast)
{
    /// <summary>Ours is at least <paramref name="factor"/> times as fast as a peer.</summary>
    public static Target Speed(string ours, double factor, string peer) => new(
        $"{ours} at least {factor} x {peer}",
        [ours, peer],
        "x",
        results => results[0].OpsPerSecond / results[1].OpsPerSecond,
        factor,
        AtLeast: true);

    /// <summary>Ours makes at least that many operations per second.</summary>
    public static Target Speed(string ours, double opsPerSecond) => new(
        $"{ours} at least {opsPerSecond:n0}/s",
        [ours],
        "/s",
        results => results[0].OpsPerSecond,
        opsPerSecond,
        AtLeast: true);

    /// <summary>A figure of ours is at most <paramref name="factor"/> times a peer's.</summary>
    public static Target Latency(string ours, string name, Func<Result, double> figure, double factor, string peer) =>
        new(
            $"{name} at most {factor} x that of {peer}",
            [ours, peer],
            "x",
            results => figure(results[0]) / figure(results[1]),
            factor,
            AtLeast: false);

    /// <summary>A figure of ours is at most <paramref name="bound"/>.</summary>
    public static Target AtMost(string ours, string name, Func<Result, double> figure, double bound, string unit) =>
        new(
            $"{name} at most {bound} {unit}",
            [ours],
            unit,
            results => figure(results[0]),
            bound,
            AtLeast: false);

    public bool IsMet(double figure) => AtLeast ? figure >= Bound : figure <= Bound;
}
