using System.Globalization;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Injection;

/// <summary>
/// Builds the agent's container: a native sidecar that delays the containers after it until recovery has ended. It sets
/// all fields that the API server would default, so that a container it has completed still equals this one.
/// </summary>
internal static class AgentContainerBuilder
{
    private const int StartupPeriodSeconds = 1;
    private const string CoreVersion = "v1";
    private const string Memory = "memory";

    public static V1Container Build(AgentSpec agent, bool hasVolume, InjectionOptions options) => new()
    {
        Name = AetherNames.AgentContainer,
        Image = agent.Image ?? options.AgentImage,
        RestartPolicy = "Always",
        Env = Variables(hasVolume, HasMemoryLimit(agent.Resources, options), options.LogFormat),
        Ports =
        [
            new V1ContainerPort
            {
                Name = InjectionNames.HealthPort, ContainerPort = AetherNames.HealthPort, Protocol = "TCP",
            },
        ],
        StartupProbe = Probe(
            "/readyz",
            StartupPeriodSeconds,
            (int)Math.Clamp(options.RecoveryTimeout.TotalSeconds / StartupPeriodSeconds, 1, int.MaxValue)),
        LivenessProbe = Probe("/healthz", periodSeconds: 10, failureThreshold: 6),
        Resources = Resources(agent.Resources, options),
        SecurityContext = Restricted(),
        VolumeMounts = Mounts(hasVolume),
    };

    private static List<V1EnvVar> Variables(bool hasVolume, bool hasMemoryLimit, LogFormat logFormat)
    {
        List<V1EnvVar> variables =
        [
            FromField(InjectionNames.PodAddressVariable, "status.podIP"),
            new()
            {
                Name = AetherVariables.HealthAddress,
                Value = string.Create(
                    CultureInfo.InvariantCulture,
                    $"$({InjectionNames.PodAddressVariable}):{AetherNames.HealthPort}"),
            },
            FromField(AetherVariables.Holder, "metadata.name"),
            FromField(AetherVariables.Revision, $"metadata.annotations['{InjectionNames.RevisionAnnotation}']"),
            FromField(
                AetherVariables.StopGraceSeconds, $"metadata.annotations['{InjectionNames.StopGraceAnnotation}']"),
            new() { Name = AetherVariables.ConfigDirectory, Value = AetherNames.ConfigDirectory },
            .. WorldVariables.Sockets.Select(entry => new V1EnvVar { Name = entry.Key, Value = entry.Value }),
        ];
        if (hasVolume)
            variables.Add(new() { Name = AetherVariables.WalDirectory, Value = AetherNames.WalDirectory });
        // Without a limit, the variable would hold the node's memory, which the agent can read by itself.
        if (hasMemoryLimit)
            variables.Add(FromLimit(AetherVariables.MemoryLimitBytes, Memory));
        // The default is omitted, so that it changes no pod that was injected before the setting existed.
        if (logFormat != LogFormat.Text)
            variables.Add(new() { Name = AetherVariables.LogFormat, Value = logFormat.ToString() });
        return variables;
    }

    private static bool HasMemoryLimit(AgentResources? resources, InjectionOptions options) =>
        resources?.Limits is { } limits ? limits.ContainsKey(Memory) : options.DefaultLimits.ContainsKey(Memory);

    private static V1EnvVar FromLimit(string name, string resource) => new()
    {
        Name = name,
        ValueFrom = new V1EnvVarSource
        {
            ResourceFieldRef = new V1ResourceFieldSelector
            {
                ContainerName = AetherNames.AgentContainer,
                Resource = $"limits.{resource}",
                Divisor = new ResourceQuantity("0"),
            },
        },
    };

    private static V1EnvVar FromField(string name, string path) => new()
    {
        Name = name,
        ValueFrom = new V1EnvVarSource
        {
            FieldRef = new V1ObjectFieldSelector { ApiVersion = CoreVersion, FieldPath = path },
        },
    };

    private static V1Probe Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = path, Port = AetherNames.HealthPort, Scheme = "HTTP" },
        PeriodSeconds = periodSeconds,
        FailureThreshold = failureThreshold,
        SuccessThreshold = 1,
        TimeoutSeconds = 5,
    };

    private static V1ResourceRequirements Resources(AgentResources? resources, InjectionOptions options)
    {
        var limits = Quantities(resources?.Limits ?? AsPairs(options.DefaultLimits));
        var requests = Quantities(resources?.Requests ?? AsPairs(options.DefaultRequests));

        // The API server refuses a request above its limit: reduce a default request to the limit.
        if (resources?.Requests is null)
        {
            foreach (var (resource, limit) in limits)
                if (requests.TryGetValue(resource, out var request) && request.ToDecimal() > limit.ToDecimal())
                    requests[resource] = limit;
        }

        return new() { Requests = requests, Limits = limits.Count > 0 ? limits : null };
    }

    private static IEnumerable<KeyValuePair<string, string>> AsPairs(IReadOnlyDictionary<string, string> quantities) =>
        quantities;

    private static Dictionary<string, ResourceQuantity> Quantities(
        IEnumerable<KeyValuePair<string, string>> quantities) =>
        quantities.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .ToDictionary(entry => entry.Key, entry => new ResourceQuantity(entry.Value));

    private static V1SecurityContext Restricted() => new()
    {
        RunAsNonRoot = true,
        RunAsUser = AgentIdentity.User,
        RunAsGroup = AgentIdentity.Group,
        ReadOnlyRootFilesystem = true,
        AllowPrivilegeEscalation = false,
        Capabilities = new V1Capabilities { Drop = ["ALL"] },
        SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
    };

    private static List<V1VolumeMount> Mounts(bool hasVolume)
    {
        List<V1VolumeMount> mounts =
        [
            new() { Name = InjectionNames.SocketVolume, MountPath = AetherNames.SocketDirectory },
            new()
            {
                Name = InjectionNames.ConfigVolume,
                MountPath = AetherNames.ConfigDirectory,
                ReadOnlyProperty = true,
            },
        ];
        if (hasVolume)
            mounts.Add(new() { Name = InjectionNames.WalVolume, MountPath = AetherNames.WalDirectory });
        return mounts;
    }
}
