namespace Aether.Benchmarks.Systems.Grains;

/// <summary>A grain as the documentation of Orleans shows it: it stores its state at each change.</summary>
internal sealed class EntityGrain(
    [PersistentState("entity", OrleansEntities.Storage)] IPersistentState<EntityValue> state) : Grain, IEntityGrain
{
    public async Task WriteAsync(byte[] value)
    {
        state.State.Bytes = value;
        await state.WriteStateAsync();
    }
}
