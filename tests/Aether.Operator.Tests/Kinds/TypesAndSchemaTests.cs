using System.Reflection;
using System.Text.Json;
using Aether.Operator.Kinds;
using k8s;
using k8s.Models;

namespace Aether.Operator.Tests.Kinds;

/// <summary>Compares the C# types and the CRDs with each other, in both directions.</summary>
[Trait("Kind", "Unit")]
public sealed class TypesAndSchemaTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static TheoryData<string, Type> Roots => new()
    {
        { $"{WorldPersistence.Plural}/spec", typeof(WorldPersistenceSpec) },
        { $"{WorldPersistence.Plural}/status", typeof(WorldPersistenceStatus) },
        { $"{PersistenceBackend.Plural}/spec", typeof(PersistenceBackendSpec) },
        { $"{PersistenceBackend.Plural}/status", typeof(PersistenceBackendStatus) },
    };

    [Theory]
    [MemberData(nameof(Roots))]
    public void Every_property_is_in_the_schema_and_every_field_in_the_type(string root, Type type)
    {
        var complaints = new List<string>();

        Compare(root, type, SchemaOf(root), complaints);

        Assert.Empty(complaints);
    }

    [Theory]
    [InlineData(WorldPersistence.Plural)]
    [InlineData(PersistenceBackend.Plural)]
    public void Every_field_has_a_description_for_kubectl_explain(string plural)
    {
        var silent = CrdSchema.Walk(plural, CrdSchema.Schema(plural))
            .Where(field => string.IsNullOrWhiteSpace(field.Schema.Description))
            .Select(field => field.Path);

        Assert.Equal([$"{plural}.metadata"], silent);
    }

    [Fact]
    public void Patterns_are_the_validators_own()
    {
        var known = typeof(FieldPatterns).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!)
            .Append(GoDuration.Pattern)
            .Append(ByteSize.Pattern)
            .ToHashSet();

        var used = new[] { WorldPersistence.Plural, PersistenceBackend.Plural }
            .SelectMany(plural => CrdSchema.Walk(plural, CrdSchema.Schema(plural)))
            .SelectMany(field =>
                new[] { field.Schema.Pattern, Items(field.Schema)?.Pattern, Values(field.Schema)?.Pattern })
            .OfType<string>()
            .ToHashSet();

        Assert.Subset(known, used);
        Assert.Equal([FieldPatterns.CriticalKind], known.Except(used));
        Assert.Contains(FieldPatterns.CriticalKind, KindsRule());
    }

    private static string KindsRule() => Assert.Single(
        CrdSchema.Walk("", CrdSchema.Schema(WorldPersistence.Plural))
            .Single(field => field.Path == ".spec.criticalState.kinds").Schema.XKubernetesValidations).Rule;

    private static V1JSONSchemaProps SchemaOf(string root) =>
        CrdSchema.Schema(root.Split('/')[0]).Properties[root.Split('/')[1]];

    private static void Compare(string path, Type type, V1JSONSchemaProps schema, List<string> complaints)
    {
        var properties = type.GetProperties().ToDictionary(
            property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        foreach (var name in properties.Keys.Except(schema.Properties.Keys))
            complaints.Add($"{path}.{name} is missing in the YAML");
        foreach (var name in schema.Properties.Keys.Except(properties.Keys))
            complaints.Add($"{path}.{name} is missing in {type.Name}");

        var sample = Activator.CreateInstance(type)!;
        foreach (var (name, property) in properties.Where(entry => schema.Properties.ContainsKey(entry.Key)))
        {
            var field = schema.Properties[name];
            CompareType($"{path}.{name}", property.PropertyType, field, complaints);
            CompareWords($"{path}.{name}", property, field, complaints);
            ComparePresence($"{path}.{name}", property, field, schema, property.GetValue(sample), complaints);
        }
    }

    private static void CompareType(string path, Type type, V1JSONSchemaProps schema, List<string> complaints)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (schema.XKubernetesIntOrString == true && type == typeof(string))
            return;
        var (expected, format) = type switch
        {
            _ when type == typeof(string) => ("string", null),
            _ when type == typeof(bool) => ("boolean", null),
            _ when type == typeof(int) => ("integer", "int32"),
            _ when type == typeof(long) => ("integer", "int64"),
            _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>) => ("array", null),
            _ => ("object", (string?)null),
        };
        if (schema.Type != expected || (format ?? schema.Format) != schema.Format)
            complaints.Add($"{path} is {schema.Type} {schema.Format} in the YAML and {type.Name} in C#");
        else if (type == typeof(IList<V1Condition>))
            CompareConditions(path, Items(schema)!, complaints);
        else if (expected == "array")
            CompareType($"{path}[]", type.GetGenericArguments()[0], Items(schema)!, complaints);
        else if (type == typeof(IDictionary<string, string>))
            CompareType($"{path}[]", typeof(string), Values(schema)!, complaints);
        else if (expected == "object")
            Compare(path, type, schema, complaints);
    }

    // The generated type has attributes of its own on its fields, so only the names are compared.
    private static void CompareConditions(string path, V1JSONSchemaProps schema, List<string> complaints)
    {
        var names = typeof(V1Condition).GetProperties()
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Order();
        if (!names.SequenceEqual(schema.Properties.Keys.Order()))
            complaints.Add($"{path} has other fields than V1Condition");
    }

    private static void CompareWords(
        string path, PropertyInfo property, V1JSONSchemaProps schema, List<string> complaints)
    {
        var words = property.GetCustomAttributes().OfType<IOneOf>().SingleOrDefault()?.Words ?? [];
        var listed = (Values(schema) ?? schema).EnumProperty?.Select(word => word.ToString()!.Trim('"')) ?? [];
        if (!words.Order().SequenceEqual(listed.Order()))
            complaints.Add($"{path} takes {string.Join('|', listed)} in the YAML and {string.Join('|', words)} in C#");
    }

    private static void ComparePresence(
        string path,
        PropertyInfo property,
        V1JSONSchemaProps field,
        V1JSONSchemaProps parent,
        object? initial,
        List<string> complaints)
    {
        var required = parent.Required?.Contains(JsonNamingPolicy.CamelCase.ConvertName(property.Name)) == true;
        var optional = Nullability.Create(property).ReadState == NullabilityState.Nullable
            || Nullable.GetUnderlyingType(property.PropertyType) is not null;
        if (optional == (required || field.DefaultProperty is not null))
            complaints.Add($"{path} is {(optional ? "nullable" : "never null")} in C#, required={required} and default "
                + $"'{field.DefaultProperty}' in the YAML");
        if (field.DefaultProperty is { } value && field.Type != "object"
            && KubernetesJson.Serialize(initial).Trim('"') != value.ToString()!.Trim('"').ToLowerInvariantIfBool())
            complaints.Add($"{path} starts as {KubernetesJson.Serialize(initial)} in C# and as {value} in the YAML");
    }

    private static V1JSONSchemaProps? Items(V1JSONSchemaProps schema) =>
        schema.Items is null ? null : Reread(schema.Items);

    private static V1JSONSchemaProps? Values(V1JSONSchemaProps schema) =>
        schema.AdditionalProperties is null or bool ? null : Reread(schema.AdditionalProperties);

    private static V1JSONSchemaProps Reread(object node) =>
        node as V1JSONSchemaProps ?? KubernetesYaml.Deserialize<V1JSONSchemaProps>(KubernetesYaml.Serialize(node));
}
