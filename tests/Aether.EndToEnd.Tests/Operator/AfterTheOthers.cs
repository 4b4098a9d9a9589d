namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Tests that look back on the whole run: xunit runs them when all parallel ones are done.</summary>
[CollectionDefinition(nameof(AfterTheOthers), DisableParallelization = true)]
public sealed class AfterTheOthers;
