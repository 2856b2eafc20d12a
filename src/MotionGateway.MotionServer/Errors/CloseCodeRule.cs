namespace MotionGateway.MotionServer;

/// <summary>What close codes of a range mean.</summary>
internal sealed record CloseCodeRule(int From, int Through, MotionServerErrorCode Result, MotionServerRetry Retry);
