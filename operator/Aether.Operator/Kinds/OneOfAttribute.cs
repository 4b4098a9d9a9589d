namespace Aether.Operator.Kinds;

/// <summary>
/// Names the enum whose members are the allowed values of a text field. The fields stay text: an unknown value, stored
/// past the schema, must become a condition of that object, not a failed list of all objects.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute<TEnum> : Attribute, IOneOf
    where TEnum : struct, Enum
{
    public IReadOnlyList<string> Words { get; } = Enum.GetNames<TEnum>();
}
