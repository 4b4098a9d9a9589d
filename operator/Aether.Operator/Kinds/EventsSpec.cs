namespace Aether.Operator.Kinds;

/// <summary>The stream of the world's events. A world with this field needs NATS.</summary>
internal sealed class EventsSpec
{
    public int? Replicas { get; set; }

    public string MaxAge { get; set; } = "168h";

    public string MaxBytes { get; set; } = "64Mi";

    [OneOf<EventStorage>]
    public string Storage { get; set; } = nameof(EventStorage.File);
}
