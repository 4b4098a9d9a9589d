namespace Aether.Benchmarks.Fleet;

/// <summary>A figure of a fleet, and the most that it should be.</summary>
/// <param name="Name">What it counts.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Target">The target; null for none.</param>
internal sealed record FleetFigure(string Name, double Value, string Unit, double? Target = null)
{
    public string Describe() =>
        $"{Name,-48}{Value,12:n2} {Unit,-12}" + (Target is { } most
            ? $" target: at most {most:0.##}, {(Value <= most ? "met" : "NOT MET")}"
            : "");
}
