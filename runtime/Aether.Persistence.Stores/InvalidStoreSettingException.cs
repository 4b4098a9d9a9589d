namespace Aether.Persistence.Stores;

/// <summary>A setting of a store is missing or cannot be used.</summary>
public sealed class InvalidStoreSettingException(string name, string problem) : Exception($"{name} {problem}.")
{
    /// <summary>The setting's <c>AETHER_*</c> name.</summary>
    public string Name { get; } = name;
}
