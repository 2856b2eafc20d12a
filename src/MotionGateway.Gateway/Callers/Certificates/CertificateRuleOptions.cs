namespace MotionGateway.Gateway;

/// <summary>A caller that is known by a client certificate: by exactly one of Subject and San.</summary>
public sealed class CertificateRuleOptions
{
    /// <summary>The certificate's whole subject, such as <c>CN=agent, O=Example</c>.</summary>
    public string? Subject { get; set; }

    /// <summary>
    /// One of the certificate's DNS names, or its URI, such as <c>spiffe://example.com/agent</c>. A <c>*</c> at the end stands for anything.
    /// </summary>
    public string? San { get; set; }

    /// <summary>What the caller may do: speak, read, operate, issue-tokens.</summary>
    public IList<string> Scopes { get; } = [];

    /// <summary>The apps that the caller may reach. Empty, the default: all.</summary>
    public IList<string> Apps { get; } = [];

    /// <summary>What the caller may take up; where it says nothing, <c>Gateway:Callers:DefaultLimits</c> do.</summary>
    public CallerLimits Limits { get; set; } = new();
}
