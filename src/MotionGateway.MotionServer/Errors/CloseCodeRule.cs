namespace MotionGateway.MotionServer;

/// <summary>What close codes of a range mean.</summary>
internal sealed record CloseCodeRule(int From, int Through, MotionServerErrorCode Result, MotionServerRetry Retry)
{
    /// <summary>How long to wait at least, since a close cannot ask for a pause; null where growing pauses will do.</summary>
    public TimeSpan? RetryAfter => ErrorRules.RetryAfterOf(Retry);
}
