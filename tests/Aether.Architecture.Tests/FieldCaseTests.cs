using System.Text.RegularExpressions;

namespace Aether.Architecture.Tests;

/// <summary>
/// Compares the table of field failures in docs/testing.md with the tests that carry their numbers: each of the 34 has
/// a test, and the table names all classes that have one.
/// </summary>
public sealed partial class FieldCaseTests
{
    private const int Cases = 34;

    [Fact]
    public void Every_failure_from_the_field_has_a_test_and_the_table_names_its_classes()
    {
        var tests = Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Trait().Matches(File.ReadAllText(file)).Select(match =>
                (Case: match.Groups[1].Value, Class: Path.GetFileName(file).Split('.')[0])))
            .ToLookup(test => test.Case, test => test.Class);
        var table = Row().Matches(Repository.Read("docs/testing.md"))
            .ToLookup(row => row.Groups[1].Value, row => row.Groups[2].Value);

        Assert.All(Enumerable.Range(1, Cases).Select(number => $"F{number:00}"), name => Assert.Equal(
            string.Join(", ", tests[name].Distinct().Order(StringComparer.Ordinal).DefaultIfEmpty("(no test)")),
            string.Join(", ", table[name].SelectMany(cell => Name().Matches(cell)).Select(match => match.Value))));
    }

    [GeneratedRegex("""Trait\("Field", "(F\d\d)"\)""")]
    private static partial Regex Trait();

    [GeneratedRegex(@"^\| (F\d\d) \|[^|]*\|([^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Name();
}
