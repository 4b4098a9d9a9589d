using System.Text;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Resolving;

/// <summary>A Secret of a backend, and the field that names it.</summary>
internal sealed class OpenSecret(string path, ObjectKey key, V1Secret secret)
{
    public string Key => key.ToString();

    /// <summary>The Secret and the field, for messages.</summary>
    public string Display => $"Secret '{key}' of the backend's {path}";

    public Dictionary<string, string> All() => (secret.Data ?? new Dictionary<string, byte[]>())
        .Where(entry => entry.Value.Length > 0)
        .ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetString(entry.Value).TrimEnd('\r', '\n'));

    public string? Find(string name) =>
        secret.Data?.TryGetValue(name, out var value) == true && value.Length > 0
            ? Encoding.UTF8.GetString(value).TrimEnd('\r', '\n')
            : null;

    /// <exception cref="BackendException">The Secret has no such key.</exception>
    public string Require(string name) => Find(name)
        ?? throw new BackendException(WorldReason.SecretNotFound, $"{Display} has no key '{name}': add it.");
}
