namespace Aether.Operator.Provisioning;

/// <summary>Who holds a world's lease.</summary>
/// <param name="Holder">The pod.</param>
/// <param name="Epoch">Under which epoch.</param>
/// <param name="LeftSeconds">How long the lease lasts if it is not renewed, in whole seconds, rounded up.</param>
internal sealed record LiveWriter(string Holder, long Epoch, int LeftSeconds);
