using System.Text.RegularExpressions;
using Aether.TestServers;

namespace Aether.Agent.Tests.Guide;

/// <summary>docs/guide.md shows exactly the programs that are run here.</summary>
[Trait("Kind", "Unit")]
public sealed partial class GuidePageTests
{
    private static readonly string[] Shown =
    [
        "config/samples/guide/csharp/Program.cs",
        "config/samples/guide/typescript/package.json",
        "config/samples/guide/typescript/world.ts",
        "config/samples/guide/curl/world.sh",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Code_blocks_of_the_guide_equal_the_files_named_above_them()
    {
        var page = await File.ReadAllTextAsync(Clone.PathOf("docs/guide.md"), Cancellation);
        var blocks = Block().Matches(page);

        Assert.Equal(Shown, blocks.Select(block => block.Groups["file"].Value));
        Assert.Equal(2 * Shown.Length, Fence().Count(page));
        foreach (Match block in blocks)
        {
            var source = await File.ReadAllTextAsync(Clone.PathOf(block.Groups["file"].Value), Cancellation);
            Assert.Equal(source, block.Groups["text"].Value);
        }
    }

    [GeneratedRegex(@"^\[`(?<file>[^`]+)`\]\(\.\./\k<file>\):\n\n```[a-z]+\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex("^```", RegexOptions.Multiline)]
    private static partial Regex Fence();
}
