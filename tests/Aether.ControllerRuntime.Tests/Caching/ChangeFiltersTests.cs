using Aether.ControllerRuntime.Tests.Widgets;

namespace Aether.ControllerRuntime.Tests.Caching;

[Trait("Kind", "Unit")]
public sealed class ChangeFiltersTests
{
    [Theory]
    [InlineData("", "test.dev/mine", false)]
    [InlineData("test.dev/mine", "test.dev/mine", false)]
    [InlineData("test.dev/mine,test.dev/other", "test.dev/mine", true)]
    public void Only_a_removed_finalizer_is_more_than_status(string before, string after, bool selected)
    {
        var change = new EntityChange<Widget>(EntityChangeKind.Updated, With(before), With(after));

        Assert.Equal(selected, ChangeFilters.MoreThanStatus(change));
    }

    private static Widget With(string finalizers)
    {
        var widget = Widget.Named("space", "w");
        widget.Metadata.Generation = 1;
        widget.Metadata.Finalizers = finalizers.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return widget;
    }
}
