using System.Text.RegularExpressions;

namespace Aether.Operator.Kinds;

/// <summary>Patterns for texts of both kinds. The CRDs contain the same patterns; a test compares them.</summary>
internal static class FieldPatterns
{
    public const string ObjectName = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
    public const string NamespaceName = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    public const string SegmentSize = "^([1-9][0-9]{0,2}Mi|1Gi)$";
    public const string Image = @"^[^\s]+$";
    public const string Quantity = @"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$";
    public const string CriticalKind = "^[A-Za-z0-9_.:/-]{1,128}$";
    public const string Host = "^[A-Za-z0-9._:-]+$";
    public const string Endpoint = @"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$";
    public const string SentinelMaster = "^[A-Za-z0-9._-]+$";
    public const string NatsDomain = "^[A-Za-z0-9_-]+$";
    public const string NatsUrl = @"^(nats|tls)://[A-Za-z0-9._:\[\]-]+$";

    /// <summary>
    /// Whether the whole text matches. In .NET, a bare <c>$</c> also matches before a line feed at the end.
    /// </summary>
    public static bool Matches(string text, string pattern) =>
        !text.EndsWith('\n') && Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant);
}
