using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>What <c>wal verify</c> says.</summary>
internal sealed record WalVerification(string Volume, string World, string Folder, bool Sound, LogVerdict Verdict);
