using Microsoft.Extensions.Logging;

namespace MotionGateway.LocalMotion.Cassettes;

internal static partial class CassetteLog
{
    [LoggerMessage(30, LogLevel.Error, "The cassette {File} could not be written on: {Failure}. The proxy goes on, nothing more is recorded.")]
    public static partial void WriteFailed(ILogger logger, string file, string failure);

    [LoggerMessage(31, LogLevel.Information, "Connection {Number} is recorded, for avatar {AvatarId}.")]
    public static partial void Recording(ILogger logger, int number, string avatarId);

    [LoggerMessage(32, LogLevel.Information, "Connection {Number} has ended; its recording is complete.")]
    public static partial void Recorded(ILogger logger, int number);

    [LoggerMessage(33, LogLevel.Warning, "The recorded Motion Server did not answer: {Failure}.")]
    public static partial void UpstreamFailed(ILogger logger, string failure);

    [LoggerMessage(34, LogLevel.Debug, "Connection {Number}: the {Side} is gone: {Failure}.")]
    public static partial void SideGone(ILogger logger, int number, string side, string failure);

    [LoggerMessage(35, LogLevel.Information, "Connection {ConnectionId} replays recorded connection {Number}.")]
    public static partial void Replaying(ILogger logger, string connectionId, int number);

    [LoggerMessage(36, LogLevel.Warning, "Connection {ConnectionId} has {SampleRate} Hz, its recording {RecordedSampleRate} Hz: the motion will not fit the speech.")]
    public static partial void OtherRate(ILogger logger, string connectionId, int sampleRate, int recordedSampleRate);

    [LoggerMessage(37, LogLevel.Debug, "Connection {ConnectionId}: its replay was stopped.")]
    public static partial void ReplayStopped(ILogger logger, string connectionId);
}
