namespace Aether.Agent.Settings;

/// <summary>
/// Settings the agent cannot run with: all of them, so that one start shows everything there is to mend.
/// </summary>
internal sealed class InvalidSettingsException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>One sentence per problem, naming the variable, what it takes and what it was.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
