using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>Creates and updates streams. If NATS refuses, the failure names the cause and the remedy.</summary>
/// <param name="jetStream">The JetStream context of the streams.</param>
/// <param name="address">The servers, for messages.</param>
internal sealed class StreamChanges(NatsJSContext jetStream, string address)
{
    /// <param name="config">The stream.</param>
    /// <param name="sizeField">The field that decides how much storage it reserves.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ProvisioningException">NATS refuses the stream.</exception>
    public Task CreateAsync(StreamConfig config, string sizeField, CancellationToken cancellationToken) =>
        ExplainAsync(
            async () => await jetStream.CreateStreamAsync(config, cancellationToken), config, sizeField,
            cancellationToken);

    /// <param name="config">The desired stream.</param>
    /// <param name="sizeField">The field that decides how much storage it reserves.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ProvisioningException">NATS refuses the change.</exception>
    public Task UpdateAsync(StreamConfig config, string sizeField, CancellationToken cancellationToken) =>
        ExplainAsync(
            async () => await jetStream.UpdateStreamAsync(config, cancellationToken), config, sizeField,
            cancellationToken);

    /// <summary>The failure for a refusal, with the account's limits.</summary>
    public async Task<ProvisioningException> TranslateAsync(
        NatsJSApiException refusal, StreamConfig config, string sizeField, CancellationToken cancellationToken)
    {
        var limits = await ReadLimitsAsync(config, cancellationToken);
        return StreamRefusals.Translate(refusal, config, sizeField, address, limits);
    }

    /// <summary>
    /// The limits that apply to a stream: an account has one set of limits, or one for each number of replicas.
    /// </summary>
    public async Task<AccountLimits> ReadLimitsAsync(StreamConfig stream, CancellationToken cancellationToken)
    {
        var account = await jetStream.GetAccountInfoAsync(cancellationToken);
        return account.Tiers?.TryGetValue($"R{stream.NumReplicas}", out var tier) == true
            ? tier.Limits
            : account.Limits;
    }

    private async Task ExplainAsync(
        Func<Task> changeAsync, StreamConfig config, string sizeField, CancellationToken cancellationToken)
    {
        try
        {
            await changeAsync();
        }
        catch (NatsJSApiException refusal)
        {
            throw await TranslateAsync(refusal, config, sizeField, cancellationToken);
        }
    }
}
