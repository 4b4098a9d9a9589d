namespace Aether.Persistence.Tests.Simulation;

/// <summary>The simulated machine has stopped: no call to its file system returns any more.</summary>
internal sealed class PowerLossException() : Exception("The simulated machine has lost its power.");
