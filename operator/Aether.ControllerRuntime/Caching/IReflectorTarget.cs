namespace Aether.ControllerRuntime;

/// <summary>The target that a <see cref="Reflector"/> keeps current.</summary>
internal interface IReflectorTarget
{
    /// <summary>Called before a list is read; the returned mark is passed to <see cref="Replace"/>.</summary>
    long BeginList();

    /// <summary>Replaces all objects by those of a list.</summary>
    void Replace(long mark, IReadOnlyList<string> items);

    /// <summary>Adds or updates an object.</summary>
    void Put(string item);

    /// <summary>Removes an object.</summary>
    void Remove(string item);
}
