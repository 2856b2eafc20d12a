namespace MotionGateway.MotionServer;

/// <summary>A short-lived credential that opens one connection. An expired one leaves established connections alone.</summary>
/// <param name="value">The token; a secret.</param>
/// <param name="expiresAt">When it stops opening connections.</param>
public sealed class SessionToken(string value, DateTimeOffset expiresAt)
{
    /// <summary>The token itself; a secret that belongs in no log.</summary>
    public string Value { get; } = value;

    /// <summary>When the token stops opening connections.</summary>
    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    /// <summary>When it expires; never the token.</summary>
    public override string ToString() => $"SessionToken {{ ExpiresAt = {ExpiresAt:O} }}";
}
