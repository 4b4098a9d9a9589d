namespace Aether.Operator.Kinds;

/// <summary>What an agent does while the journal cannot be reached.</summary>
internal enum JournalLossPolicy
{
    /// <summary>Acknowledges what the volume alone can promise; Replicated commits wait.</summary>
    Continue,

    /// <summary>Acknowledges nothing until the journal is back.</summary>
    Block,
}
