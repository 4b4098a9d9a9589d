using System.Text.Json;

namespace Aether.Benchmarks.Fleet;

/// <summary>The figures of one run of a fleet benchmark, with their targets (docs/benchmarks.md).</summary>
/// <param name="Name">Name of the benchmark.</param>
/// <param name="Title">What ran.</param>
/// <param name="Figures">The figures, in the order to show them.</param>
internal sealed record FleetReport(string Name, string Title, IReadOnlyList<FleetFigure> Figures)
{
    public void Write(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{Name}: {Title}");
        foreach (var figure in Figures)
            output.WriteLine("  " + figure.Describe());
    }

    public string Json() => JsonSerializer.Serialize(new
    {
        name = Name,
        figures = Figures.ToDictionary(figure => figure.Name, figure => Math.Round(figure.Value, 3)),
    });
}
