namespace Aether.TestServers.Processes;

/// <summary>
/// The output of one process: stored in files, its newest lines in memory, and awaitable line by line.
/// </summary>
internal sealed class OutputLog
{
    private const int LinesKept = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waiters = [];

    public IReadOnlyList<string> Newest(int count)
    {
        lock (_gate)
            return [.. _lines.TakeLast(count)];
    }

    public Task<string> WhenLine(Func<string, bool> matches)
    {
        lock (_gate)
        {
            if (_lines.FirstOrDefault(matches) is { } line)
                return Task.FromResult(line);
            return WhenNextLine(matches);
        }
    }

    /// <summary>The next matching line.</summary>
    public Task<string> WhenNextLine(Func<string, bool> matches)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiters.Add((matches, found));
        return found.Task;
    }

    public async Task PumpAsync(StreamReader output, string file)
    {
        var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        await using var log = new StreamWriter(stream) { AutoFlush = true };
        while (await output.ReadLineAsync() is { } line)
        {
            await log.WriteLineAsync(line);
            Add(line);
        }
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LinesKept)
                _lines.Dequeue();
            foreach (var waiter in _waiters.Where(waiter => waiter.Matches(line)).ToList())
            {
                waiter.Found.TrySetResult(line);
                _waiters.Remove(waiter);
            }
        }
    }
}
