namespace Aether.Cli.Tests;

/// <summary>Runs every example of docs/cli.md and compares its output, to the letter.</summary>
public sealed class DocumentationTests
{
    private const string Prompt = "    $ aether ";
    private const string EchoCode = "; echo $?";

    [Fact]
    public async Task Every_example_prints_what_the_documentation_shows()
    {
        using var volumes = new TestVolumes();
        await volumes.WriteLocalAsync();
        volumes.Copy("volume", "damaged");
        TestVolumes.Flip(volumes.Segments("damaged")[0], 1000);
        await volumes.WriteRejoinedAsync();
        var lines = await File.ReadAllLinesAsync(
            Path.Combine(AppContext.BaseDirectory, "cli.md"), TestContext.Current.CancellationToken);

        var examples = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Prompt, StringComparison.Ordinal))
                continue;
            var command = lines[i][Prompt.Length..];
            string[] shown =
            [
                .. lines.Skip(i + 1).TakeWhile(line =>
                    line.StartsWith("    ", StringComparison.Ordinal)
                    && !line.StartsWith(Prompt, StringComparison.Ordinal)),
            ];

            var result = await volumes.RunAsync(command.Replace(EchoCode, "", StringComparison.Ordinal).Split(' '));

            var said = result.Output + result.Errors;
            if (command.EndsWith(EchoCode, StringComparison.Ordinal))
                said += $"{result.Code}\n";
            else
                Assert.Equal(0, result.Code);
            Assert.Equal(
                $"{command}\n{string.Join('\n', shown.Select(line => line[4..]))}", $"{command}\n{said.TrimEnd()}");
            examples++;
        }

        Assert.Equal(11, examples);
    }
}
