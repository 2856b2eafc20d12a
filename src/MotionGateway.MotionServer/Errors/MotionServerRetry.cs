namespace MotionGateway.MotionServer;

/// <summary>Whether connecting again can help. Whoever retries bounds the number of attempts.</summary>
public enum MotionServerRetry
{
    /// <summary>No: the request, the configuration or the account is at fault.</summary>
    Never = 0,
    /// <summary>Not with the same session token; a fresh one may do, once.</summary>
    FreshToken = 1,
    /// <summary>Yes, at once: the end was expected.</summary>
    Immediate = 2,
    /// <summary>Yes, with growing pauses.</summary>
    Backoff = 3,
    /// <summary>Yes, but not at once: something must be freed first.</summary>
    Delayed = 4,
}
