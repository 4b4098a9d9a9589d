namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Tests that examine the whole run: xunit runs them after all parallel ones.</summary>
[CollectionDefinition(nameof(AfterTheOthers), DisableParallelization = true)]
public sealed class AfterTheOthers;
