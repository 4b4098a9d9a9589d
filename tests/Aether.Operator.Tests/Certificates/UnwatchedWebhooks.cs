using System.Diagnostics.CodeAnalysis;
using Aether.ControllerRuntime;
using k8s.Models;

namespace Aether.Operator.Tests.Certificates;

/// <summary>A cache that is never used: the tests call the keeper instead of letting a watch wake it.</summary>
internal sealed class UnwatchedWebhooks : IEntityCache<V1MutatingWebhookConfiguration>
{
    public bool HasSynced => throw Unexpected();

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => throw Unexpected();

    public bool TryGet(ObjectKey key, [NotNullWhen(true)] out V1MutatingWebhookConfiguration? entity) =>
        throw Unexpected();

    public IReadOnlyList<V1MutatingWebhookConfiguration> List(string? @namespace = null) => throw Unexpected();

    public IReadOnlyList<V1MutatingWebhookConfiguration> Find(string index, string value) => throw Unexpected();

    public IDisposable Subscribe(Action<EntityChange<V1MutatingWebhookConfiguration>> handler) => throw Unexpected();

    private static NotSupportedException Unexpected() => new("The keeper's own loop does not run in this test.");
}
