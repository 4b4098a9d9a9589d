namespace Aether.ControllerRuntime;

/// <summary>What a <see cref="Reflector"/> keeps current.</summary>
internal interface IReflectorTarget
{
    /// <summary>A list is about to be read; the mark comes back with its result.</summary>
    long BeginList();

    /// <summary>These are all the objects that the list is of.</summary>
    void Replace(long mark, IReadOnlyList<string> items);

    /// <summary>This object is new or changed.</summary>
    void Put(string item);

    /// <summary>This object is gone.</summary>
    void Remove(string item);
}
