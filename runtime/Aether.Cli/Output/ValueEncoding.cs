namespace Aether.Cli.Output;

/// <summary>How the values of a commit are shown.</summary>
internal enum ValueEncoding
{
    /// <summary>Their sizes only.</summary>
    None,

    /// <summary>As UTF-8 text; what is none, in base64.</summary>
    Text,

    /// <summary>In base64.</summary>
    Base64,

    /// <summary>As hex digits.</summary>
    Hex,
}
