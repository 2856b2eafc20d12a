namespace MotionGateway.Hosting;

/// <summary>A version of TLS that may still be spoken.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.2.</summary>
    Tls12,

    /// <summary>TLS 1.3.</summary>
    Tls13,
}
