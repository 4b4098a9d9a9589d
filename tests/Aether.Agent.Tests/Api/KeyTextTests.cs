using Aether.Agent.Tests.Support;
using Aether.Client;

namespace Aether.Agent.Tests.Api;

/// <summary>Text without a UTF-8 form. On the wire it would become U+FFFD, which could make two keys one.</summary>
public sealed class KeyTextTests : LocalAgentTests
{
    private const string First = "ada\ud800";
    private const string Second = "ada\udc00";

    // The text itself cannot be given, because attributes store strings as UTF-8.
    [Theory]
    [InlineData("Kind")]
    [InlineData("Id")]
    public async Task A_key_without_UTF8_is_refused_by_its_part(string part)
    {
        var key = part == "Kind" ? new WorldKey(First, "a") : new WorldKey("purse", Second);

        var put = Assert.Throws<ArgumentException>(() => new WorldCommit().Put(key, new byte[1]));
        var delete = Assert.Throws<ArgumentException>(() => new WorldCommit().Delete(key));
        var get = await Assert.ThrowsAsync<ArgumentException>(
            () => Client.GetAsync(key, cancellationToken: Cancellation));

        Assert.All([put, delete, get], refused => Assert.Equal(part, refused.ParamName));
    }

    [Fact]
    public async Task Scan_for_text_without_UTF8_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            () => Client.ScanAsync(First, "", Cancellation).AnyAsync(Cancellation).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(
            () => Client.ScanAsync("purse", Second, Cancellation).AnyAsync(Cancellation).AsTask());
    }

    [Fact]
    public void An_idempotency_key_without_UTF8_is_refused()
    {
        Assert.Throws<ArgumentException>("idempotencyKey", () => new WorldCommit(First));
    }
}
