namespace Aether.EndToEnd.Tests.Support;

/// <summary>Reads files that a process is writing to.</summary>
internal static class OpenFiles
{
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
