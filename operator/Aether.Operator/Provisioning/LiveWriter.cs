namespace Aether.Operator.Provisioning;

/// <summary>The holder of a world's lease.</summary>
/// <param name="Holder">The pod.</param>
/// <param name="Epoch">The pod's epoch.</param>
/// <param name="LeftSeconds">Remaining time of the lease if it is not renewed, in whole seconds, rounded up.</param>
internal sealed record LiveWriter(string Holder, long Epoch, int LeftSeconds);
