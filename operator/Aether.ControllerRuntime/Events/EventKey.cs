namespace Aether.ControllerRuntime;

/// <summary>The fields in which repetitions of an event agree.</summary>
internal readonly record struct EventKey(string Uid, string Type, string Reason, string Action, string Note);
