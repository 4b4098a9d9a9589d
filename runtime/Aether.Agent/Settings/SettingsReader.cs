using System.Globalization;
using System.Net;
using Aether.Persistence.Stores;

namespace Aether.Agent.Settings;

/// <summary>Reads typed settings and collects their problems, rather than stopping at the first.</summary>
internal sealed class SettingsReader(Func<string, string?> read)
{
    private readonly List<string> _problems = [];

    /// <exception cref="InvalidSettingsException">A setting that was read is unusable.</exception>
    public void ThrowIfInvalid()
    {
        if (_problems.Count > 0)
            throw new InvalidSettingsException(_problems);
    }

    public void Refuse(string problem) => _problems.Add(problem);

    public string? Optional(string variable) => read(variable) is { Length: > 0 } text ? text : null;

    public string Text(string variable, string? fallback)
    {
        if (Optional(variable) is { } text)
            return text;
        if (fallback is null)
            Refuse($"{variable} is not set; it is required.");
        return fallback ?? "";
    }

    /// <summary>Texts separated by commas; at least one.</summary>
    public IReadOnlyList<string> List(string variable, string fallback)
    {
        const StringSplitOptions Options = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        return Optional(variable)?.Split(',', Options) is { Length: > 0 } texts ? texts : [fallback];
    }

    public bool Flag(string variable, bool fallback) => Optional(variable) switch
    {
        null => fallback,
        "true" => true,
        "false" => false,
        var text => Refused(variable, text, "true or false", fallback),
    };

    public long Number(string variable, long fallback, long smallest, long largest)
    {
        if (Optional(variable) is not { } text)
            return fallback;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= smallest && number <= largest
                ? number
                : Refused(variable, text, $"a number from {smallest} to {largest}", fallback);
    }

    /// <summary>A time in whole seconds.</summary>
    public TimeSpan Seconds(string variable, TimeSpan fallback, TimeSpan shortest, TimeSpan longest) =>
        TimeSpan.FromSeconds(Number(
            variable, (long)fallback.TotalSeconds, (long)shortest.TotalSeconds, (long)longest.TotalSeconds));

    /// <summary>A time in whole milliseconds.</summary>
    public TimeSpan Milliseconds(string variable, TimeSpan fallback, TimeSpan shortest, TimeSpan longest) =>
        TimeSpan.FromMilliseconds(Number(
            variable, (long)fallback.TotalMilliseconds,
            (long)shortest.TotalMilliseconds, (long)longest.TotalMilliseconds));

    public T Choice<T>(string variable, T fallback)
        where T : struct, Enum
    {
        if (Optional(variable) is not { } text)
            return fallback;
        return TryName<T>(text) ?? Refused(variable, text, string.Join(", ", Enum.GetNames<T>()), fallback);
    }

    /// <summary>A map of the form <c>name=Value,other=Value</c>.</summary>
    public IReadOnlyDictionary<string, T> Choices<T>(string variable)
        where T : struct, Enum
    {
        var choices = new Dictionary<string, T>();
        foreach (var part in (Optional(variable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var cut = part.LastIndexOf('=');
            if (cut > 0 && TryName<T>(part[(cut + 1)..].Trim()) is { } choice)
                choices[part[..cut].Trim()] = choice;
            else
                Refuse(
                    $"{variable} has '{part}'; it takes kind=priority, with one of "
                    + $"{string.Join(", ", Enum.GetNames<T>())}.");
        }

        return choices;
    }

    /// <summary>The settings of a store, which validates its own.</summary>
    public T? Store<T>(Func<Func<string, string?>, T> from)
        where T : class
    {
        try
        {
            return from(read);
        }
        catch (InvalidStoreSettingException e)
        {
            Refuse(e.Message);
            return null;
        }
    }

    public IPEndPoint Address(string variable, string fallback)
    {
        var text = Text(variable, fallback);
        return TryAddress(text)
            ?? Refused(variable, text, "ip:port, such as 127.0.0.1:9464 or [::1]:9464", new IPEndPoint(0, 0));
    }

    // In a pod the text is "$(AETHER_POD_IP):9464". An IPv6 address there has no brackets, so the port follows the last
    // colon.
    private static IPEndPoint? TryAddress(string text)
    {
        var cut = text.LastIndexOf(':');
        return cut > 0
            && IPAddress.TryParse(text.AsSpan(0, cut), out var address)
            && ushort.TryParse(text.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                ? new IPEndPoint(address, port)
                : null;
    }

    private static T? TryName<T>(string text)
        where T : struct, Enum =>
        Enum.GetNames<T>().Contains(text, StringComparer.Ordinal) ? Enum.Parse<T>(text) : null;

    private T Refused<T>(string variable, string text, string takes, T fallback)
    {
        Refuse($"{variable} is '{text}'; it takes {takes}.");
        return fallback;
    }
}
