using System.Text.RegularExpressions;
using Aether.TestServers;

namespace Aether.Chart.Tests.Images;

/// <summary>A Dockerfile's instructions, with joined lines and without comments.</summary>
internal sealed partial class Dockerfile
{
    private readonly IReadOnlyList<(string Name, string Text)> _instructions;

    public Dockerfile(string name)
    {
        var text = File.ReadAllText(Clone.PathOf("images", $"{name}.Dockerfile"));
        var joined = Continuation().Replace(Comment().Replace(text, ""), " ");
        _instructions = [.. joined.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ', 2)).Select(words => (words[0], words[1].Trim()))];
    }

    /// <summary>The arguments of each instruction of that name.</summary>
    public IReadOnlyList<string> All(string instruction) =>
        [.. _instructions.Where(item => item.Name == instruction).Select(item => item.Text)];

    /// <summary>Instructions of the last stage.</summary>
    public IReadOnlyList<string> Last(string instruction)
    {
        var last = _instructions.Index().Last(item => item.Item.Name == "FROM").Index;
        return [.. _instructions.Skip(last).Where(item => item.Name == instruction).Select(item => item.Text)];
    }

    /// <summary>Paths of the repository that a stage copies.</summary>
    public IEnumerable<string> Sources() => All("COPY")
        .Where(copy => !copy.StartsWith("--from", StringComparison.Ordinal))
        .SelectMany(copy => copy.Split(' ')[..^1]);

    [GeneratedRegex("^#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n")]
    private static partial Regex Continuation();
}
