using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Aether.Persistence;

/// <summary>
/// The system's time as the kernel noted it at its last tick, a few milliseconds ago at most (10 where the kernel ticks
/// 100 times a second). It is read from memory, where <see cref="TimeProvider.System"/> asks the processor's clock,
/// which costs a commit a tenth of its time. Timestamps and timers are those of <see cref="TimeProvider.System"/>.
/// Thread-safe. (clock_gettime(2), CLOCK_REALTIME_COARSE.)
/// </summary>
public sealed partial class CoarseTimeProvider : TimeProvider
{
    private const int RealTimeCoarse = 5;
    private const int NanosecondsPerTick = 100;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => GetTime(RealTimeCoarse, out var time) == 0
        ? DateTimeOffset.UnixEpoch.AddTicks((time.Seconds * TimeSpan.TicksPerSecond)
            + (time.Nanoseconds / NanosecondsPerTick))
        : throw new Win32Exception(Marshal.GetLastSystemError());

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out UnixTime time);

    private readonly struct UnixTime
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
