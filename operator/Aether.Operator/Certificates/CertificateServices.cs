using System.Net.Security;
using System.Security.Authentication;
using Aether.ControllerRuntime;
using k8s.Models;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Aether.Operator.Certificates;

/// <summary>Registers the serving certificate in the operator.</summary>
internal static class CertificateServices
{
    /// <summary>Lets this process issue the certificate and maintain it, its Secret and the caBundle.</summary>
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

    /// <summary>Serves a certificate from a folder. Its provider must make the API server trust it.</summary>
    public static OperatorBuilder AddServingCertificate(
        this OperatorBuilder runtime, MountedCertificateOptions options)
    {
        runtime.Services.AddSingleton(options);
        runtime.Services.AddServingCertificate<MountedCertificate>();
        return runtime;
    }

    /// <summary>Serves TLS with the certificate that is current when a connection is opened.</summary>
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
