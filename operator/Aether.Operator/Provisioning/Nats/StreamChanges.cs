using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>Creates and changes streams; a refusal says what stands in the way and what helps.</summary>
/// <param name="jetStream">Where they are.</param>
/// <param name="address">The servers, for messages.</param>
internal sealed class StreamChanges(NatsJSContext jetStream, string address)
{
    /// <param name="config">The stream.</param>
    /// <param name="sizeField">What decides how much it reserves.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProvisioningException">NATS refuses it.</exception>
    public Task CreateAsync(StreamConfig config, string sizeField, CancellationToken cancellationToken) =>
        ExplainAsync(
            async () => await jetStream.CreateStreamAsync(config, cancellationToken), config, sizeField,
            cancellationToken);

    /// <param name="config">The stream as it is to be.</param>
    /// <param name="sizeField">What decides how much it reserves.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProvisioningException">NATS refuses it.</exception>
    public Task UpdateAsync(StreamConfig config, string sizeField, CancellationToken cancellationToken) =>
        ExplainAsync(
            async () => await jetStream.UpdateStreamAsync(config, cancellationToken), config, sizeField,
            cancellationToken);

    /// <summary>What a refusal means.</summary>
    public async Task<ProvisioningException> TranslateAsync(
        NatsJSApiException refusal, StreamConfig config, string sizeField, CancellationToken cancellationToken)
    {
        var limits = await ReadLimitsAsync(config, cancellationToken);
        return StreamRefusals.Translate(refusal, config, sizeField, address, limits);
    }

    /// <summary>
    /// The limits that hold for a stream: an account has one set of them, or one for each number of replicas.
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
