using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aether.Persistence.Contracts;

/// <summary>Reads certificates and keys in PEM.</summary>
public static class CertificateText
{
    /// <summary>Reads certificates; returns false if there is none, or if one cannot be read.</summary>
    public static bool TryRead(string pem, out X509Certificate2Collection certificates)
    {
        certificates = [];
        try
        {
            certificates.ImportFromPem(pem);
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Whether a text holds a private key that can be read without a password.</summary>
    public static bool IsPrivateKey(string pem)
    {
        using var rsa = RSA.Create();
        using var curve = ECDsa.Create();
        return CanImport(rsa, pem) || CanImport(curve, pem);
    }

    private static bool CanImport(AsymmetricAlgorithm algorithm, string pem)
    {
        try
        {
            algorithm.ImportFromPem(pem);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
