using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Resolving;

/// <summary>A Secret that a backend names, and the field that names it.</summary>
internal sealed class OpenSecret(string path, ObjectKey key, V1Secret secret)
{
    public string Key => key.ToString();

    /// <summary>Which Secret, and why it is read, for messages.</summary>
    public string Display => $"Secret '{key}', which the backend's {path} names,";

    public Dictionary<string, string> All() => (secret.Data ?? new Dictionary<string, byte[]>())
        .Where(entry => entry.Value.Length > 0)
        .ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetString(entry.Value).TrimEnd('\r', '\n'));

    public string? Find(string name) =>
        secret.Data?.TryGetValue(name, out var value) == true && value.Length > 0
            ? Encoding.UTF8.GetString(value).TrimEnd('\r', '\n')
            : null;

    /// <exception cref="BackendException">There is no such key.</exception>
    public string Require(string name) => Find(name)
        ?? throw new BackendException(WorldReason.SecretNotFound, $"{Display} has no key '{name}': add it.");
}
