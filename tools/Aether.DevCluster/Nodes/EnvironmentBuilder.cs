using System.Text;
using k8s.Models;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// Builds the environment of a container: the image's variables, envFrom, env, each resolved as in Kubernetes.
/// Variables of this process are not inherited.
/// </summary>
internal sealed class EnvironmentBuilder(V1Pod pod, string podAddress, ClusterObjects objects)
{
    private const string EveryAddress = "0.0.0.0:";
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <exception cref="NotYetException">A Secret or ConfigMap, or a key of it, is missing.</exception>
    public IReadOnlyDictionary<string, string> Build(V1Container container, Image image, PathMap paths)
    {
        var variables = new Dictionary<string, string> { ["PATH"] = DefaultPath, ["HOSTNAME"] = pod.Metadata.Name };
        foreach (var (name, value) in image.Environment ?? new Dictionary<string, string>())
            variables[name] = OwnAddress(value);
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in All(source))
                variables[(source.Prefix ?? "") + name] = value;
        }

        foreach (var variable in container.Env ?? [])
        {
            if (Resolve(variable, variables, paths) is { } value)
                variables[variable.Name] = value;
        }

        return variables;
    }

    // Paths are rewritten before references are expanded, because the values of the references are rewritten already.
    private string? Resolve(V1EnvVar variable, IReadOnlyDictionary<string, string> former, PathMap paths)
    {
        if (variable.ValueFrom is not { } source)
            return OwnAddress(VariableReferences.Expand(paths.Rewrite(variable.Value ?? ""), former));
        if (source.FieldRef is { } field)
            return FieldReferences.Read(pod, podAddress, field.FieldPath);
        var @namespace = pod.Metadata.NamespaceProperty;
        if (source.SecretKeyRef is { } secret)
        {
            var data = objects.FindSecret(@namespace, secret.Name);
            return Key(data, $"secret \"{secret.Name}\"", secret.Key, secret.Optional);
        }

        if (source.ConfigMapKeyRef is { } map)
        {
            var data = objects.FindConfigMap(@namespace, map.Name);
            return Key(data, $"configmap \"{map.Name}\"", map.Key, map.Optional);
        }

        throw new NotYetException(
            NotYetException.ConfigError, $"the source of variable {variable.Name} is not supported");
    }

    // Without network namespaces, a pod that listened on all addresses would also listen on those of other pods.
    private string OwnAddress(string value) => value.StartsWith(EveryAddress, StringComparison.Ordinal)
        ? podAddress + value[(EveryAddress.Length - 1)..]
        : value;

    private static string? Key(IDictionary<string, byte[]>? data, string what, string key, bool? optional)
    {
        if (data?.TryGetValue(key, out var value) == true)
            return Encoding.UTF8.GetString(value);
        if (optional == true)
            return null;
        throw new NotYetException(
            NotYetException.ConfigError, data is null ? $"{what} not found" : $"couldn't find key {key} in {what}");
    }

    private IEnumerable<KeyValuePair<string, string>> All(V1EnvFromSource source)
    {
        var @namespace = pod.Metadata.NamespaceProperty;
        var (data, what, optional) = source.SecretRef is { } secret
            ? (objects.FindSecret(@namespace, secret.Name), $"secret \"{secret.Name}\"", secret.Optional)
            : (objects.FindConfigMap(@namespace, source.ConfigMapRef.Name),
                $"configmap \"{source.ConfigMapRef.Name}\"", source.ConfigMapRef.Optional);
        if (data is null && optional != true)
            throw new NotYetException(NotYetException.ConfigError, $"{what} not found");
        return (data ?? new Dictionary<string, byte[]>())
            .Select(entry => KeyValuePair.Create(entry.Key, Encoding.UTF8.GetString(entry.Value)));
    }
}
