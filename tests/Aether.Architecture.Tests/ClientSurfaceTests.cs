using System.Reflection;
using Aether.Client;

namespace Aether.Architecture.Tests;

/// <summary>
/// The SDK's public surface consists of its own types: a change of generated wire types must not break worlds.
/// </summary>
public sealed class ClientSurfaceTests
{
    private static readonly string[] Wire = ["Aether.Persistence", "Google.Protobuf", "Grpc."];

    [Fact]
    public void Public_members_of_Aether_Client_name_no_wire_type()
    {
        var members = typeof(AetherWorld).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetMembers(
                BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .ToArray();

        Assert.NotEmpty(members);
        Assert.All(members, member => Assert.DoesNotContain(
            Named(member), type => Wire.Any(prefix => type.Contains(prefix, StringComparison.Ordinal))));
    }

    // Names of generic types include their arguments.
    private static IEnumerable<string> Named(MemberInfo member) => (member switch
    {
        MethodBase method => [.. method.GetParameters().Select(parameter => parameter.ParameterType), Result(method)],
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        EventInfo @event => [@event.EventHandlerType!],
        _ => Array.Empty<Type>(),
    }).Select(type => type.ToString());

    private static Type Result(MethodBase method) => method is MethodInfo info ? info.ReturnType : typeof(void);
}
