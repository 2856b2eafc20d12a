namespace MotionGateway.MotionServer;

/// <summary>A short-lived credential that opens one connection. An expired one leaves established connections alone.</summary>
internal sealed record SessionToken(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>When it expires; never the token.</summary>
    public override string ToString() => $"SessionToken {{ ExpiresAt = {ExpiresAt:O} }}";
}
