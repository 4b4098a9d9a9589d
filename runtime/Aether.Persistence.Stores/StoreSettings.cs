using System.Globalization;
using Aether.Persistence.Contracts;

namespace Aether.Persistence.Stores;

/// <summary>Reads the settings of a store, each by its <c>AETHER_*</c> name.</summary>
internal sealed class StoreSettings(Func<string, string?> read)
{
    public string Required(string name) =>
        Optional(name) ?? throw new InvalidStoreSettingException(name, "is missing");

    public string? Optional(string name) => read(name) is { Length: > 0 } value ? value : null;

    /// <summary>Text of certificates in PEM; at least one is required.</summary>
    public string? Certificates(string name)
    {
        if (Optional(name) is not { } pem)
            return null;
        return CertificateText.TryRead(pem, out _)
            ? pem
            : throw new InvalidStoreSettingException(
                name, "holds no certificate that can be read; it takes CAs as PEM text");
    }

    /// <summary>A certificate to present, and its private key; null if there is neither.</summary>
    public ClientCertificate? Client(string certificateName, string keyName)
    {
        var (chain, key) = (Optional(certificateName), Optional(keyName));
        if (chain is null && key is null)
            return null;
        try
        {
            return ClientCertificate.Parse(chain ?? "", key ?? "");
        }
        catch (InvalidCertificateException exception)
        {
            throw exception.Fault switch
            {
                CertificateFault.NoCertificate => new InvalidStoreSettingException(
                    certificateName, "holds no certificate that can be read; it takes one as PEM text"),
                CertificateFault.NoKey => new InvalidStoreSettingException(
                    keyName, "holds no private key that can be read; it takes one as PEM text, not encrypted"),
                _ => new InvalidStoreSettingException(
                    keyName, $"is not the key of the certificate in {certificateName}"),
            };
        }
    }

    public int Port(string name, int ifMissing)
    {
        if (Optional(name) is not { } text)
            return ifMissing;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw new InvalidStoreSettingException(name, $"is '{text}'; it takes a port from 1 to {ushort.MaxValue}");
    }

    /// <summary>Addresses with their ports, separated by commas; null if there are none.</summary>
    public string? Addresses(string name)
    {
        if (Optional(name) is not { } text)
            return null;
        foreach (var address in text.Split(','))
        {
            var colon = address.LastIndexOf(':');
            if (colon < 1 || !ushort.TryParse(
                    address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                || port == 0)
                throw new InvalidStoreSettingException(
                    name, $"is '{text}'; it takes addresses as host:port, separated by commas");
        }

        return text;
    }

    public bool Flag(string name) => Optional(name) switch
    {
        null or "false" => false,
        "true" => true,
        var text => throw new InvalidStoreSettingException(name, $"is '{text}'; it takes true or false"),
    };

    public T Choice<T>(string name, T ifMissing)
        where T : struct, Enum => Choice(name, ifMissing, Enum.GetValues<T>());

    public T Choice<T>(string name, T ifMissing, params T[] choices)
        where T : struct, Enum
    {
        if (Optional(name) is not { } text)
            return ifMissing;
        return Enum.TryParse<T>(text, ignoreCase: true, out var value) && choices.Contains(value)
            ? value
            : throw new InvalidStoreSettingException(
                name, $"is '{text}'; it takes one of {string.Join(", ", choices)}");
    }
}
