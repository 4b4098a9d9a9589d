namespace Aether.ControllerRuntime;

/// <summary>What makes two events the same.</summary>
internal readonly record struct EventKey(string Uid, string Type, string Reason, string Action, string Note);
