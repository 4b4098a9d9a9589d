using System.Globalization;

namespace Aether.DevCluster.Commands;

/// <summary>Tells whoever sits at the terminal what is being done, and since when.</summary>
internal sealed class Screen(TextWriter output, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly long _since = clock.GetTimestamp();

    /// <summary>A step begins.</summary>
    public void Step(string text) => Write(
        string.Create(CultureInfo.InvariantCulture, $"[{clock.GetElapsedTime(_since).TotalSeconds,5:0.0} s] {text}"));

    /// <summary>Something of the present step.</summary>
    public void Detail(string text) => Write("          " + text);

    /// <summary>A line as it is.</summary>
    public void Write(string text)
    {
        lock (_gate)
            output.WriteLine(text);
    }
}
