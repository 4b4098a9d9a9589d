namespace Aether.Agent.Settings;

/// <summary>Unusable settings: all of them, so that one start shows everything that must be corrected.</summary>
internal sealed class InvalidSettingsException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>One sentence per problem, with the variable, the allowed values and the actual value.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
