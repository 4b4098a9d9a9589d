using System.Net.Security;
using System.Security.Authentication;
using Aether.ControllerRuntime;
using k8s.Models;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Aether.Operator.Certificates;

/// <summary>Puts the serving certificate into the operator.</summary>
internal static class CertificateServices
{
    /// <summary>Makes a certificate, and keeps it, its Secret and the caBundle current in this process.</summary>
    public static OperatorBuilder AddServingCertificate(
        this OperatorBuilder runtime, CertificateOptions options)
    {
        runtime.AddCache<V1MutatingWebhookConfiguration>(cache => cache with
        {
            FieldSelector = $"metadata.name={options.WebhookConfiguration}",
        });
        runtime.Services.AddSingleton(options);
        runtime.Services.AddServingCertificate<CertificateKeeper>();
        return runtime;
    }

    /// <summary>Serves what others put into a folder; that the API server trusts it is theirs to see to.</summary>
    public static OperatorBuilder AddServingCertificate(
        this OperatorBuilder runtime, MountedCertificateOptions options)
    {
        runtime.Services.AddSingleton(options);
        runtime.Services.AddServingCertificate<MountedCertificate>();
        return runtime;
    }

    /// <summary>Serves TLS with whatever certificate is current when a connection comes in.</summary>
    public static ListenOptions UseServingCertificate(this ListenOptions listen)
    {
        var certificate = listen.ApplicationServices.GetRequiredService<IServingCertificate>();
        return listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Context
                    ?? throw new AuthenticationException("There is no serving certificate yet."),
            }),
        });
    }

    private static void AddServingCertificate<TCertificate>(this IServiceCollection services)
        where TCertificate : class, IServingCertificate, IHostedService => services
        .AddSingleton<TCertificate>()
        .AddSingleton<IServingCertificate>(provider => provider.GetRequiredService<TCertificate>())
        .AddHostedService(provider => provider.GetRequiredService<TCertificate>());
}
