using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>The desired state of a world's stream, and the differences of an existing stream from it.</summary>
internal sealed class WorldStream
{
    /// <summary>Replicas of a stream in a cluster: the smallest number that survives the loss of a server.</summary>
    public const int ClusterReplicas = 3;

    private const long NoLimit = -1;

    private readonly WorldOwner _owner;
    private readonly StreamConfig _wanted;
    private readonly long _maxBytes;

    public WorldStream(WorldOwner owner, StreamConfig wanted)
    {
        _owner = owner;
        _wanted = wanted;
        _maxBytes = wanted.MaxBytes;
        wanted.Description = OwnerMark.Of(owner).ToString();
        wanted.Retention = StreamConfigRetention.Limits;
        wanted.MaxMsgs = -1;
        wanted.MaxMsgsPerSubject = -1;
        wanted.MaxMsgSize = -1;
        wanted.MaxConsumers = -1;
    }

    public string Name => _wanted.Name!;

    /// <summary>
    /// Whether a new stream gets as many replicas as the NATS cluster offers, at most three, and an existing one keeps
    /// its number.
    /// </summary>
    public required bool FollowsCluster { get; init; }

    /// <summary>
    /// Whether the stream has its limit of bytes only while it holds about that much, because JetStream reserves the
    /// whole limit, used or not.
    /// </summary>
    public required bool ReservesWhatItHolds { get; init; }

    /// <summary>The field that decides how much storage the stream reserves.</summary>
    public required string SizeField { get; init; }

    /// <summary>Advice if the stream is on another storage type.</summary>
    public required string StorageAdvice { get; init; }

    /// <summary>
    /// The message if the stream is missing and must not be replaced by an empty one; null if it may be created.
    /// </summary>
    public required string? Loss { get; init; }

    /// <summary>
    /// Decides whether the stream has its limit of bytes: from when it reaches the limit until half of it is free
    /// again.
    /// </summary>
    /// <param name="found">The existing stream; null if it is missing.</param>
    /// <param name="isDemanded">Whether the account refuses streams without a limit.</param>
    public void FitLimit(StreamInfo? found, bool isDemanded)
    {
        var least = found?.Config.MaxBytes > 0 ? _maxBytes / 2 : _maxBytes;
        var isReached = found is not null && found.State.Bytes >= least;
        _wanted.MaxBytes = !ReservesWhatItHolds || isDemanded || isReached ? _maxBytes : NoLimit;
    }

    /// <summary>The configuration for creating the stream.</summary>
    /// <param name="isClustered">Whether NATS is a cluster.</param>
    public StreamConfig Create(bool isClustered)
    {
        if (FollowsCluster)
            _wanted.NumReplicas = isClustered ? ClusterReplicas : 1;
        return _wanted;
    }

    /// <summary>
    /// Sets the properties of <paramref name="config"/> that matter and can be changed; keeps all others.
    /// </summary>
    public StreamConfig Correct(StreamConfig config)
    {
        config.Subjects = _wanted.Subjects;
        config.Description = _wanted.Description;
        config.Retention = _wanted.Retention;
        config.Discard = _wanted.Discard;
        config.MaxAge = _wanted.MaxAge;
        config.MaxBytes = _wanted.MaxBytes;
        config.MaxMsgs = _wanted.MaxMsgs;
        config.MaxMsgsPerSubject = _wanted.MaxMsgsPerSubject;
        config.MaxMsgSize = _wanted.MaxMsgSize;
        config.NumReplicas = FollowsCluster ? config.NumReplicas : _wanted.NumReplicas;
        config.DuplicateWindow = _wanted.DuplicateWindow;
        config.NoAck = _wanted.NoAck;
        return config;
    }

    /// <summary>The differences of a stream that the operator may touch.</summary>
    /// <exception cref="ProvisioningException">
    /// The stream belongs to another resource, differs in a property that cannot be changed, or has been lost.
    /// </exception>
    public IReadOnlyList<Drift> Compare(StreamConfig? found)
    {
        if (found is null && Loss is not null)
            throw new ProvisioningException(StoreReason.StreamLost, Loss);
        if (found is null)
            return [new Drift($"stream {Name} is missing")];

        var drifts = new List<Drift>();
        var mark = OwnerMark.Parse(found.Description);
        if (Ownership.MustAdopt($"JetStream stream {Name}", mark, _owner))
            drifts.Add(new Drift($"stream {Name} is adopted from UID {mark!.Owner}"));
        if (found.Storage != _wanted.Storage)
            throw new ProvisioningException(
                StoreReason.Refused, $"JetStream stream {Name} is on {found.Storage}, and {StorageAdvice}.");

        drifts.AddRange(Differences(found).Select(what => new Drift($"stream {Name} has other {what}")));
        if (found.MaxBytes != _wanted.MaxBytes)
            drifts.Add(new Drift($"stream {Name} has other max_bytes") { IsUpkeep = IsOwnLimit(found.MaxBytes) });
        return drifts;
    }

    private bool IsOwnLimit(long maxBytes) =>
        ReservesWhatItHolds && (maxBytes == NoLimit || maxBytes == _maxBytes);

    private IEnumerable<string> Differences(StreamConfig found)
    {
        if (!(found.Subjects ?? []).ToHashSet().SetEquals(_wanted.Subjects!))
            yield return "subjects";
        if (found.Retention != _wanted.Retention)
            yield return "retention";
        if (found.Discard != _wanted.Discard)
            yield return "discard policy";
        if (found.MaxAge != _wanted.MaxAge)
            yield return "max_age";
        if (found.MaxMsgs != _wanted.MaxMsgs)
            yield return "max_msgs";
        if (found.MaxMsgsPerSubject != _wanted.MaxMsgsPerSubject)
            yield return "max_msgs_per_subject";
        if (found.MaxMsgSize != _wanted.MaxMsgSize)
            yield return "max_msg_size";
        if (!FollowsCluster && found.NumReplicas != _wanted.NumReplicas)
            yield return "replicas";
        if (found.DuplicateWindow != _wanted.DuplicateWindow)
            yield return "duplicate window";
        if (found.NoAck != _wanted.NoAck)
            yield return "no_ack";
    }
}
