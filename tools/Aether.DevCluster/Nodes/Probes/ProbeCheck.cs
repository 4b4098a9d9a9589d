using System.Net.Sockets;
using Aether.TestServers.Processes;
using k8s.Models;

namespace Aether.DevCluster.Nodes.Probes;

/// <summary>Probes a container once: httpGet, tcpSocket or exec.</summary>
internal sealed class ProbeCheck(PodContext context, V1Container container, V1Probe probe, string purpose)
{
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1);

    /// <summary>Null if the probe succeeded, else the problem.</summary>
    public async Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_timeout, context.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return probe switch
            {
                { HttpGet: { } http } => await GetAsync(http, either.Token),
                { TcpSocket: { } tcp } => await ConnectAsync(tcp, either.Token),
                { Exec: { } exec } => await ExecuteAsync(exec, either.Token),
                _ => $"the kind of this {purpose} probe is not supported by this node",
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {_timeout.TotalSeconds} s";
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return exception.Message;
        }
    }

    private async Task<string?> GetAsync(V1HTTPGetAction get, CancellationToken cancellationToken)
    {
        var scheme = string.Equals(get.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var url = $"{scheme}://{get.Host ?? context.Address}:{Port(get.Port)}{get.Path ?? "/"}";
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var header in get.HttpHeaders ?? [])
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var response = await context.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return (int)response.StatusCode is >= 200 and < 400 ? null : $"{url} answered {(int)response.StatusCode}";
    }

    private async Task<string?> ConnectAsync(V1TCPSocketAction tcp, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(tcp.Host ?? context.Address, Port(tcp.Port), cancellationToken);
        return null;
    }

    private async Task<string?> ExecuteAsync(V1ExecAction exec, CancellationToken cancellationToken)
    {
        var spec = new ContainerCommand(context).Exec(container, exec.Command, purpose);
        await using var process = await ProcessHost.StartAsync(spec, context.Options.Clock);
        var exitCode = await process.Exited.WaitAsync(cancellationToken);
        return exitCode == 0 ? null : $"exit code {exitCode}";
    }

    private int Port(IntOrString port)
    {
        var text = port.Value;
        if (int.TryParse(text, out var number))
            return number;
        return container.Ports?.FirstOrDefault(candidate => candidate.Name == text)?.ContainerPort
            ?? throw new HttpRequestException($"container {container.Name} has no port named \"{text}\"");
    }
}
