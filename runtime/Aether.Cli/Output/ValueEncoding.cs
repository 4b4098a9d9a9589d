namespace Aether.Cli.Output;

/// <summary>How to print the values of a commit.</summary>
internal enum ValueEncoding
{
    /// <summary>Only their sizes.</summary>
    None,

    /// <summary>As UTF-8 text; in base64 if a value is not UTF-8.</summary>
    Text,

    /// <summary>In base64.</summary>
    Base64,

    /// <summary>As hex digits.</summary>
    Hex,
}
