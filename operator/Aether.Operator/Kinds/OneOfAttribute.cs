namespace Aether.Operator.Kinds;

/// <summary>
/// Names the enum whose members a text field may hold. The fields stay text, because one object with an unknown word,
/// stored while the schema was bypassed, must become a condition on that object and not a failed list of them all.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute<TEnum> : Attribute, IOneOf
    where TEnum : struct, Enum
{
    public IReadOnlyList<string> Words { get; } = Enum.GetNames<TEnum>();
}
