using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Certificates;

namespace Aether.Agent.Tests.Servers;

/// <summary>Credentials, CAs and addresses that change in the mounted Secret while writers commit.</summary>
[Trait("Field", "F05")]
public sealed class RotationTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _nextAuthority = new();
    private readonly TemporaryFolder _folder = new("rotation");
    private readonly ServerWorld _world;

    public RotationTests() => _world = new ServerWorld(_authority.Issue());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _world.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        _folder.Dispose();
        _authority.Dispose();
        _nextAuthority.Dispose();
    }

    [Fact]
    public async Task A_password_and_a_CA_rotated_under_load_lose_no_commit_and_need_no_restart()
    {
        var (agent, secret) = await StartAsync();
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();
        await using var load = new CommitLoad(client);

        await RotateCertificateAsync(agent, secret);
        await RotatePasswordAsync(agent, secret);

        await load.AssertNothingLostAsync(agent, _world);
    }

    [Fact]
    public async Task An_ordered_stop_ships_everything_once_the_new_password_is_mounted()
    {
        var (agent, secret) = await StartAsync((AetherVariables.StopGraceSeconds, "60"));
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.CommitAsync(CommitLoad.Put("0"), Cancellation);
        var password = Secrets.NewPassword();
        await _world.SetPasswordAsync(password);
        await _world.EndSessionsAsync();
        for (var i = 1; i <= 100; i++)
            await client.CommitAsync(CommitLoad.Put($"{i}", WorldDurability.Fsync), Cancellation);

        var stopped = agent.StopAsync();
        await agent.SaysAsync("Asked to stop");
        secret.Change((AetherVariables.PostgresPassword, password));

        Assert.Equal(0, await stopped);
        Assert.Equal(101UL, (await _world.ReadJournalAsync())[^1].Last);
    }

    [Fact]
    public async Task Stop_without_the_journal_names_the_missing_commits_and_exits_with_6()
    {
        var (agent, secret) = await StartAsync((AetherVariables.StopGraceSeconds, "1"));
        await using var _ = agent;
        using var __ = secret;
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.CommitAsync(CommitLoad.Put("0"), Cancellation);
        await _world.SetPasswordAsync(Secrets.NewPassword());
        await _world.EndSessionsAsync();
        for (var i = 1; i <= 7; i++)
            await client.CommitAsync(CommitLoad.Put($"{i}", WorldDurability.Fsync), Cancellation);

        var exitCode = await agent.StopAsync();
        await agent.Process.OutputEnded.WaitAsync(Patience, Cancellation);

        Assert.Equal((int)ExitCode.Incomplete, exitCode);
        Assert.Contains(agent.Process.NewestLines(), line =>
            line.Contains("Stopped with 7 acknowledged commits", StringComparison.Ordinal)
            && line.Contains("those after 1 up to 8", StringComparison.Ordinal));
    }

    // Both CAs are trusted during an overlap; then the server presents a certificate of the new one, and the old one is
    // removed.
    private async Task RotateCertificateAsync(AgentProcess agent, MountedSecret secret)
    {
        await secret.ChangeAsync(agent, (
            AetherVariables.PostgresRootCertificate, $"{_authority.Pem}\n{_nextAuthority.Pem}"));
        await _world.Postgres.UseCertificateAsync(_nextAuthority.Issue(), Cancellation);
        await _world.EndSessionsAsync();
        await secret.ChangeAsync(agent, (AetherVariables.PostgresRootCertificate, _nextAuthority.Pem));
    }

    // As the operator does: both passwords are mounted before the server replaces the old one with the new one.
    private async Task RotatePasswordAsync(AgentProcess agent, MountedSecret secret)
    {
        var password = Secrets.NewPassword();
        await secret.ChangeAsync(agent, (AetherVariables.PostgresNextPassword, password));
        await _world.SetPasswordAsync(password);
        await _world.EndSessionsAsync();
        await secret.ChangeAsync(
            agent, (AetherVariables.PostgresPassword, password), (AetherVariables.PostgresNextPassword, ""));
    }

    private async Task<(AgentProcess Agent, MountedSecret Secret)> StartAsync(
        params (string Name, string Value)[] more)
    {
        var trusted = _folder.File("trusted.pem");
        await File.WriteAllTextAsync(trusted, _authority.Pem, Cancellation);
        return await _world.StartAgentWithSecretAsync(
            _folder,
            "agent",
            [
                ("SSL_CERT_FILE", trusted),
                (AetherVariables.PostgresSslMode, "VerifyFull"),
                (AetherVariables.PostgresRootCertificate, _authority.Pem),
                .. more,
            ]);
    }
}
