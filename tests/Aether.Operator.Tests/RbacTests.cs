using System.Reflection;
using Aether.ControllerRuntime;
using Aether.Operator.Hosting;
using k8s;
using k8s.Models;

namespace Aether.Operator.Tests;

/// <summary>Compares config/ with the code; the chart's own tests compare the chart with config/.</summary>
[Trait("Kind", "Unit")]
public sealed class RbacTests
{
    private static readonly Assembly[] Code = [typeof(OperatorServices).Assembly, typeof(IObjectClient).Assembly];

    private static readonly string[] Roles =
        ["operator_role.yaml", "backend_secrets_role.yaml", "leader_election_role.yaml"];

    [Fact]
    public void Roles_grant_exactly_the_rights_that_the_operators_classes_declare()
    {
        var declared = Code.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetCustomAttributes<RbacAttribute>())
            .SelectMany(attribute => attribute.Rules)
            .SelectMany(rule => Enum.GetValues<RbacVerb>()
                .Where(verb => verb != RbacVerb.None && rule.Verbs.HasFlag(verb))
                .Select(verb => Text(rule.Group, rule.Resource, verb.ToString().ToLowerInvariant())));
        var granted = Roles.SelectMany(RulesOf).SelectMany(rule =>
            from @group in rule.ApiGroups
            from resource in rule.Resources
            from verb in rule.Verbs
            select Text(@group, resource, verb));

        Assert.Equal(
            declared.Distinct().Order(StringComparer.Ordinal), granted.Distinct().Order(StringComparer.Ordinal));
    }

    private static IList<V1PolicyRule> RulesOf(string file) => KubernetesYaml.Deserialize<V1ClusterRole>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "config", "rbac", file))).Rules;

    private static string Text(string group, string resource, string verb) => $"{verb} {resource} of '{group}'";
}
