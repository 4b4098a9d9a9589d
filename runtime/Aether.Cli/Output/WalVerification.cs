using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>The output of <c>wal verify</c>.</summary>
internal sealed record WalVerification(string Volume, string World, string Folder, bool Sound, LogVerdict Verdict);
