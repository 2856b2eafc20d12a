namespace MotionGateway.Gateway;

/// <summary>The client certificates that callers are known by.</summary>
public sealed class CertificateCallerOptions
{
    /// <summary>PEM file of the authorities that issue them, and of no others. It is read again when it changes.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Who is who, by a name of the caller: of the rules that a certificate meets, the first by name holds. One that meets none is not taken.</summary>
    public IDictionary<string, CertificateRuleOptions> Rules { get; } = new Dictionary<string, CertificateRuleOptions>(StringComparer.OrdinalIgnoreCase);
}
