namespace MotionGateway.Protocol;

/// <summary>Whether making the same request again can help.</summary>
public enum RetryClass
{
    /// <summary>No: something about the request, the configuration or the account must change first.</summary>
    Never = 0,

    /// <summary>Yes, at once: the end was expected.</summary>
    AtOnce = 1,

    /// <summary>Yes, with growing pauses.</summary>
    Backoff = 2,

    /// <summary>Yes, but not soon: something must be freed first.</summary>
    Later = 3,
}
