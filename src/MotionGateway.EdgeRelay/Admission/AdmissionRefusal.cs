namespace MotionGateway.EdgeRelay;

/// <summary>Why a connection is refused before its upgrade.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Text">What a person is told.</param>
/// <param name="RetryAfter">When to come again; null where that cannot help.</param>
internal sealed record AdmissionRefusal(int Status, string Text, TimeSpan? RetryAfter);
