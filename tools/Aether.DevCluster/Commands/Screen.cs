using System.Globalization;

namespace Aether.DevCluster.Commands;

/// <summary>Prints the steps of a command to the terminal, with the time.</summary>
internal sealed class Screen(TextWriter output, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly long _since = clock.GetTimestamp();

    /// <summary>Prints the start of a step.</summary>
    public void Step(string text) => Write(
        string.Create(CultureInfo.InvariantCulture, $"[{clock.GetElapsedTime(_since).TotalSeconds,5:0.0} s] {text}"));

    /// <summary>Prints a detail of the present step.</summary>
    public void Detail(string text) => Write("          " + text);

    /// <summary>Prints a line.</summary>
    public void Write(string text)
    {
        lock (_gate)
            output.WriteLine(text);
    }
}
