using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime.Tests;

[Trait("Kind", "Unit")]
public sealed class LogIdTests
{
    [Fact]
    public void Every_message_has_an_id_of_its_own_in_the_runtimes_range()
    {
        var ids = typeof(OperatorSettings).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(
                BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToList();

        Assert.True(ids.Count > 10);
        Assert.All(ids, id => Assert.InRange(id, 4000, 4999));
        Assert.Equal(ids.Distinct(), ids);
    }
}
