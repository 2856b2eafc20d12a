namespace MotionGateway.Gateway;

/// <summary>
/// By what callers are known. With none of it whoever reaches the gateway may do everything; with any of it nobody else may do
/// anything but look at its health and its API.
/// </summary>
public sealed class CallersOptions
{
    /// <summary>
    /// File of the API keys that are taken, made by <c>motiongateway keys create</c>: it holds their hashes. It is read again when it
    /// changes. Null, the default: none are.
    /// </summary>
    public string? ApiKeysFile { get; set; }

    /// <summary>JSON Web Tokens that are taken. Null, the default: none are.</summary>
    public JwtCallerOptions? Jwt { get; set; }

    /// <summary>Client certificates that are taken, on addresses that ask for one. Null, the default: none are.</summary>
    public CertificateCallerOptions? Certificates { get; set; }

    /// <summary>Bounds of each caller for whom nothing else is said.</summary>
    public CallerLimits DefaultLimits { get; set; } = new();

    /// <summary>Whether callers are told apart.</summary>
    internal bool IsConfigured => ApiKeysFile is not null || Jwt is not null || Certificates is not null;
}
