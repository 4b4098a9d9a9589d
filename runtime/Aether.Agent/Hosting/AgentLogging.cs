using Aether.Agent.Settings;
using Aether.Persistence.Contracts;

namespace Aether.Agent.Hosting;

/// <summary>Sets up the agent's log and its format.</summary>
internal static class AgentLogging
{
    private const string Timestamp = "yyyy-MM-ddTHH:mm:ss.fffZ";

    public static void Configure(ILoggingBuilder logging, AgentOptions options)
    {
        logging.ClearProviders();
        if (options.LogFormat == LogFormat.Json)
            AddJson(logging, options);
        else
            AddText(logging);
        logging.SetMinimumLevel(options.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Grpc", LogLevel.Warning);
    }

    private static void AddText(ILoggingBuilder logging) => logging.AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = Timestamp + " ";
    });

    private static void AddJson(ILoggingBuilder logging, AgentOptions options)
    {
        logging.Services.AddSingleton<IExternalScopeProvider>(new WorldScopes(options));
        logging.AddJsonConsole(console =>
        {
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = Timestamp;
        });
    }
}
