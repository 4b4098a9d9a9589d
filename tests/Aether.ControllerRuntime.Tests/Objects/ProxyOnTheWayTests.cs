using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.ControllerRuntime.Tests.Objects;

/// <summary>The API server's client between two sockets: a proxy, and a server that is not on localhost.</summary>
[Trait("Kind", "Unit")]
public sealed class ProxyOnTheWayTests : IDisposable
{
    private readonly TcpListener _proxy = new(IPAddress.Loopback, 0);
    private readonly TcpListener _server = new(IPAddress.Any, 0);
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Cancel();
        _proxy.Dispose();
        _server.Dispose();
        _stop.Dispose();
    }

    [Theory, Trait("Field", "F13")]
    [InlineData("", "proxy")]
    [InlineData("10.255.255.0/24", "proxy")]
    [InlineData("{address}/12", "server")]
    [InlineData("svc,{address}", "server")]
    public async Task The_API_server_is_reached_through_the_proxy_unless_NO_PROXY_covers_its_address(
        string list, string answers)
    {
        var address = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(found => found.Address)
            .FirstOrDefault(found => found.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(found));
        Assert.SkipWhen(address is null, "This machine has only localhost, for which no proxy is used.");
        _ = AnswerAsync(_proxy, "proxy");
        _ = AnswerAsync(_server, "server");
        var variables = new Dictionary<string, string>
        {
            ["HTTP_PROXY"] = $"http://{_proxy.LocalEndpoint}",
            ["NO_PROXY"] = list.Replace("{address}", address!.ToString(), StringComparison.Ordinal),
        };
        await using var services = new ServiceCollection().AddLogging()
            .AddSingleton(new EnvironmentProxy(variables.GetValueOrDefault))
            .AddSingleton(new KubernetesClientConfiguration
            {
                Host = $"http://{address}:{((IPEndPoint)_server.LocalEndpoint).Port}",
            })
            .AddKubernetesOperator(new OperatorSettings { Name = "test" }).Services.BuildServiceProvider();

        var found = await services.GetRequiredService<IObjectClient>().TryGetAsync<V1ConfigMap>(
            new ObjectKey("games", "any"), TestContext.Current.CancellationToken);

        Assert.Equal(answers, found?.Metadata.Name);
    }

    private async Task AnswerAsync(TcpListener listener, string name)
    {
        listener.Start();
        using var client = await listener.AcceptTcpClientAsync(_stop.Token);
        using var reader = new StreamReader(client.GetStream());
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
            continue;
        var body = $$$"""{"metadata":{"name":"{{{name}}}"}}""";
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"),
            _stop.Token);
    }
}
