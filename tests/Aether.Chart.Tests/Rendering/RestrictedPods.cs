using k8s.Models;

namespace Aether.Chart.Tests.Rendering;

/// <summary>
/// The <c>restricted</c> Pod Security Standard for Linux pods: the rules by which a kube-apiserver would refuse a pod
/// in a namespace that enforces it.
/// </summary>
internal static class RestrictedPods
{
    private static readonly HashSet<string> SafeSysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
    ];

    /// <summary>The violations in a pod.</summary>
    public static IEnumerable<string> Violations(V1PodSpec pod) =>
        OfPod(pod).Concat((pod.InitContainers ?? []).Concat(pod.Containers).SelectMany(
            container => OfContainer(container, pod.SecurityContext).Select(rule => $"{container.Name}: {rule}")));

    private static IEnumerable<string> OfPod(V1PodSpec pod)
    {
        if (pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true)
            yield return "shares a namespace with its host";
        foreach (var volume in (pod.Volumes ?? []).Where(volume => !IsAllowed(volume)))
            yield return $"volume {volume.Name} is of a kind that is not allowed";
        foreach (var sysctl in pod.SecurityContext?.Sysctls ?? [])
        {
            if (!SafeSysctls.Contains(sysctl.Name))
                yield return $"sysctl {sysctl.Name} is not safe";
        }

        if (pod.SecurityContext?.RunAsUser == 0)
            yield return "runs as root";
    }

    private static IEnumerable<string> OfContainer(V1Container container, V1PodSecurityContext? pod)
    {
        var own = container.SecurityContext;
        if (own?.Privileged == true)
            yield return "is privileged";
        if (own?.AllowPrivilegeEscalation != false)
            yield return "allows privilege escalation";
        if ((own?.RunAsNonRoot ?? pod?.RunAsNonRoot) != true)
            yield return "may run as root";
        if (own?.RunAsUser == 0)
            yield return "runs as root";
        if ((own?.SeccompProfile ?? pod?.SeccompProfile)?.Type is not ("RuntimeDefault" or "Localhost"))
            yield return "has no seccomp profile";
        if (own?.Capabilities?.Drop?.Contains("ALL") != true)
            yield return "keeps capabilities";
        foreach (var added in own?.Capabilities?.Add ?? [])
        {
            if (added != "NET_BIND_SERVICE")
                yield return $"adds capability {added}";
        }

        if (own?.ProcMount is not (null or "Default"))
            yield return "unmasks /proc";
        foreach (var port in container.Ports ?? [])
        {
            if (port.HostPort is > 0)
                yield return $"takes port {port.HostPort} of its host";
        }
    }

    private static bool IsAllowed(V1Volume volume) => volume is
    { ConfigMap: not null } or { Csi: not null } or { DownwardAPI: not null } or { EmptyDir: not null }
        or { Ephemeral: not null } or { PersistentVolumeClaim: not null } or { Projected: not null }
        or { Secret: not null };
}
