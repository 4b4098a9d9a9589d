using System.Collections.Concurrent;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Operator.Provisioning.Postgres;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Tests.Surveying;

/// <summary>
/// The PostgreSQL of several backends, distinguished by their host. Tests decide what surveys and inspections find.
/// </summary>
internal sealed class SurveyedStore : IStoreProvisioner
{
    private readonly ConcurrentDictionary<string, Func<Exception>> _failures = new();
    private readonly ConcurrentDictionary<string, int> _surveys = new();
    private readonly ConcurrentDictionary<string, int> _inspections = new();
    private readonly ConcurrentDictionary<string, string> _facts = new();
    private readonly ConcurrentDictionary<string, string> _drifts = new();

    public StoreName Store => StoreName.Postgres;

    /// <summary>Number of surveys of a backend.</summary>
    public int Surveys(string host) => _surveys.GetValueOrDefault(host);

    /// <summary>Number of inspections of a world.</summary>
    public int Inspections(WorldNames world) => _inspections.GetValueOrDefault(world.Id);

    /// <summary>Lets all further surveys of a backend fail, or succeed again.</summary>
    public void Fail(string host, Func<Exception>? failure)
    {
        if (failure is null)
            _failures.TryRemove(host, out _);
        else
            _failures[host] = failure;
    }

    /// <summary>Changes what a survey reads about a world.</summary>
    public void Change(WorldNames world, string facts) => _facts[world.Id] = facts;

    /// <summary>Changes what an inspection finds, and nothing that a survey reads.</summary>
    public void Damage(WorldNames world) => _drifts[world.Id] = "damaged";

    /// <summary>Whether the operator has not repaired a world yet.</summary>
    public bool IsDamaged(WorldNames world) => _drifts.ContainsKey(world.Id);

    public StorePlace PlaceOf(BackendAccess backend) => PostgresProvisioner.PlaceOf(backend.Postgres);

    public Task CheckAsync(BackendAccess backend, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyDictionary<string, string>> SurveyAsync(
        BackendAccess backend, IReadOnlyList<SurveyedWorld> worlds, CancellationToken cancellationToken)
    {
        var host = backend.Postgres.Host;
        _surveys.AddOrUpdate(host, 1, (_, count) => count + 1);
        return _failures.TryGetValue(host, out var failure)
            ? throw failure()
            : Task.FromResult<IReadOnlyDictionary<string, string>>(worlds.ToDictionary(
                world => world.Names.Id, world => _facts.GetValueOrDefault(world.Names.Id, "made")));
    }

    public Task<StoreInspection> InspectAsync(ProvisioningRequest request, CancellationToken cancellationToken)
    {
        _inspections.AddOrUpdate(request.Names.Id, 1, (_, count) => count + 1);
        IReadOnlyList<Drift> drifts = _drifts.TryGetValue(request.Names.Id, out var drift) ? [new Drift(drift)] : [];
        return Task.FromResult(new StoreInspection(drifts) { Message = "There." });
    }

    public Task EnsureAsync(ProvisioningRequest request, CancellationToken cancellationToken)
    {
        _drifts.TryRemove(request.Names.Id, out _);
        return Task.CompletedTask;
    }

    public Task DeleteAsync(DeletionRequest request, CancellationToken cancellationToken) => Task.CompletedTask;
}
