namespace Aether.ControllerRuntime.Tests.Objects;

[Trait("Kind", "Unit")]
public sealed class MicroTimeTests
{
    [Theory]
    [InlineData(0, "2026-01-02T03:04:05.000001Z")]
    [InlineData(138_010, "2026-01-02T03:04:05.138010Z")]
    [InlineData(999_999, "2026-01-02T03:04:05.999999Z")]
    public void Text_of_a_micro_time_always_has_six_decimals(int microseconds, string text)
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(microseconds);

        Assert.Equal(text, MicroTime.Text(time));
    }
}
