namespace Aether.ControllerRuntime;

/// <summary>Returns random numbers from 0 up to but not including 1, for jitter.</summary>
internal delegate double RandomSource();
