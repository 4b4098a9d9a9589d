namespace Aether.Persistence.Tests.Simulation;

/// <summary>One change of names in folders: names that are removed and names that are added, atomically.</summary>
internal sealed record NameChange(
    IReadOnlyList<string> Removed, IReadOnlyList<(string Path, SimulatedFile File)> Added)
{
    public void ApplyTo(SortedDictionary<string, SimulatedFile> names)
    {
        foreach (var path in Removed)
            names.Remove(path);
        foreach (var (path, file) in Added)
            names[path] = file;
    }

    public NameChange With(Func<SimulatedFile, SimulatedFile> replace) =>
        this with { Added = [.. Added.Select(added => (added.Path, replace(added.File)))] };
}
