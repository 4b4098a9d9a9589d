using System.Reflection;

namespace Aether.Architecture.Tests;

/// <summary>Checks the one direction of a write (docs/architecture.md, "One commit's way").</summary>
public sealed class WritePathTests
{
    // From the first step to the last, each with the classes that drive it.
    private static readonly string[] Steps =
    [
        "Commits.WritePath", "Commits.Admission", "Commits.WorldReader", "Commits.ShippingLoop", "Commits.LogFlusher",
        "Journal.Shipper", "Commits.Acknowledger",
    ];

    [Fact]
    public void Steps_of_a_write_refer_only_to_later_steps()
    {
        var steps = Steps.Select(step => Assembly.Load("Aether.Persistence")
            .GetType($"Aether.Persistence.{step}", throwOnError: true)!).ToList();

        var references =
            from step in steps
            from used in NamespaceReferences.UsedByAll(step)
            where used != step && steps.Contains(used)
            select (From: step, To: used);

        Assert.NotEmpty(references);
        Assert.DoesNotContain(references, reference => steps.IndexOf(reference.To) < steps.IndexOf(reference.From));
    }
}
