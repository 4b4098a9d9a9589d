using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Aether.Persistence;

/// <summary>
/// The system time as of the kernel's last tick, so a few milliseconds old at most (10 ms where the kernel ticks 100
/// times a second). Reading it from memory is cheap, whereas <see cref="TimeProvider.System"/> asks the processor's
/// clock, which takes a tenth of the time of a commit. Timestamps are exact and include the time that the machine was
/// suspended, because a lease expires meanwhile too. Timers are those of <see cref="TimeProvider.System"/>.
/// Thread-safe. (clock_gettime(2), CLOCK_REALTIME_COARSE and CLOCK_BOOTTIME.)
/// </summary>
public sealed partial class CoarseTimeProvider : TimeProvider
{
    private const int RealTimeCoarse = 5;
    private const int BootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <inheritdoc />
    public override long TimestampFrequency => NanosecondsPerSecond;

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        var time = Read(BootTime);
        return (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds;
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        var time = Read(RealTimeCoarse);
        return DateTimeOffset.UnixEpoch.AddTicks(
            (time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    private static UnixTime Read(int clock) =>
        GetTime(clock, out var time) == 0 ? time : throw new Win32Exception(Marshal.GetLastSystemError());

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out UnixTime time);

    private readonly struct UnixTime
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
