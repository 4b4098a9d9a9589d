using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>Sends requests to the API server over a <see cref="Kubernetes"/> client's connection.</summary>
/// <remarks>
/// The client's own methods hide what list and watch must distinguish (raw events, how a stream ended), and do not
/// support custom objects of the core group. Its TLS, tokens and serializer are used as they are.
/// </remarks>
internal sealed class ApiTransport(Kubernetes client, TimeProvider clock)
{
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Sends a request and reads the whole answer.</summary>
    public async Task<T> SendAsync<T>(
        HttpMethod method, string pathAndQuery, HttpContent? content, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(RequestTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await OpenAsync(method, pathAndQuery, content, either.Token);
            await using var body = await response.Content.ReadAsStreamAsync(either.Token);
            return await ReadAsync<T>(body, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var seconds = RequestTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            throw new TimeoutException($"The API server did not answer {method} {pathAndQuery} within {seconds} s.");
        }
    }

    /// <summary>
    /// Sends a request and returns once the response headers have arrived; the caller reads and disposes.
    /// </summary>
    public async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method, string pathAndQuery, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(client.BaseUri, pathAndQuery));
        request.Content = content;
        request.Version = System.Net.HttpVersion.Version20;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (client.Credentials is not null)
            await client.Credentials.ProcessHttpRequestAsync(request, cancellationToken);

        var response = await client.HttpClient.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;

        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new ApiException($"{method} {pathAndQuery}", response.StatusCode, ReadStatus(text));
        }
    }

    private static async Task<T> ReadAsync<T>(Stream body, CancellationToken cancellationToken)
    {
        if (typeof(T) == typeof(JsonDocument))
            return (T)(object)await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);

        using var buffer = new MemoryStream();
        await body.CopyToAsync(buffer, cancellationToken);
        buffer.Position = 0;
        return KubernetesJson.Deserialize<T>(buffer);
    }

    // A proxy before the API server may answer in another format than JSON.
    private static V1Status ReadStatus(string text)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(text);
        }
        catch (JsonException)
        {
            return new V1Status { Message = text };
        }
    }
}
