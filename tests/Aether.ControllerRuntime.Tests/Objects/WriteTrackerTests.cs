using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace Aether.ControllerRuntime.Tests.Objects;

[Trait("Kind", "Unit")]
public sealed class WriteTrackerTests
{
    private static readonly ObjectKey Key = new("n", "a");

    private readonly FakeTimeProvider _clock = new();
    private readonly WriteTracker _tracker;
    private string? _cached = "1";

    public WriteTrackerTests()
    {
        _tracker = new WriteTracker(_clock) { CachedVersion = _ => _cached };
    }

    [Fact]
    public void Cache_lags_from_a_write_until_it_has_seen_the_written_version()
    {
        Write("7");
        Assert.True(Lags());

        Saw("5");
        Assert.True(Lags());
        Saw("7");

        Assert.False(Lags());
    }

    [Fact]
    public void A_version_seen_before_the_answer_counts()
    {
        using (var write = _tracker.Begin(Key))
        {
            Saw("7");
            Saw("9");
            write.Complete(new V1ObjectMeta { ResourceVersion = "7" });
        }

        Assert.False(Lags());
    }

    [Fact]
    public void A_write_that_changed_nothing_is_not_waited_for()
    {
        Write("1");

        Assert.False(Lags());
    }

    [Fact]
    public void A_write_that_failed_is_not_waited_for()
    {
        _tracker.Begin(Key).Dispose();

        Assert.False(Lags());
    }

    [Fact]
    public void List_begun_after_a_write_ends_its_wait_and_an_earlier_list_does_not()
    {
        var before = _tracker.MarkList();
        Write("7");

        _tracker.Relisted(before, _ => true);
        Assert.True(Lags());
        _tracker.Relisted(_tracker.MarkList(), _ => true);

        Assert.False(Lags());
    }

    [Fact]
    public void List_of_other_objects_ends_no_wait()
    {
        Write("7");

        _tracker.Relisted(_tracker.MarkList(), key => key != Key);

        Assert.True(Lags());
    }

    [Fact]
    public void Deletion_ends_the_wait_for_every_write()
    {
        Write("7");

        Saw(null);

        Assert.False(Lags());
    }

    [Fact]
    public void Write_that_removes_the_object_is_awaited_until_it_is_gone()
    {
        using (var write = _tracker.Begin(Key))
            write.Complete(new V1ObjectMeta { ResourceVersion = "1", DeletionTimestamp = DateTime.UnixEpoch });
        Assert.True(Lags());

        Saw(null);

        Assert.False(Lags());
    }

    [Fact]
    public void Wait_for_the_cache_has_a_limit()
    {
        Write("7");

        _clock.Advance(WriteTracker.Patience - TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), _tracker.Lag(Key));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(Lags());
    }

    [Fact]
    public void Wait_is_only_for_the_last_of_several_writes()
    {
        Write("7");
        Write("8");
        Saw("7");
        Assert.True(Lags());

        Saw("8");

        Assert.False(Lags());
    }

    private bool Lags() => _tracker.Lag(Key) > TimeSpan.Zero;

    private void Saw(string? version)
    {
        _cached = version;
        _tracker.Saw(Key, version);
    }

    private void Write(string version)
    {
        using var write = _tracker.Begin(Key);
        write.Complete(new V1ObjectMeta { ResourceVersion = version });
    }
}
