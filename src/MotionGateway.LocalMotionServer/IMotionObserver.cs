using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion;

/// <summary>
/// Sees what speech a <see cref="LocalMotionServer"/> takes and what motion it makes of it, before any fault spoils that: what a test
/// compares with. Called in the order of each request, of several connections at a time, and has to return soon.
/// </summary>
public interface IMotionObserver
{
    /// <summary>Speech of a request was taken.</summary>
    /// <param name="connectionId">The connection.</param>
    /// <param name="avatarId">The avatar that it is for.</param>
    /// <param name="requestId">The request.</param>
    /// <param name="pcm">Its next bytes: mono signed 16-bit little-endian PCM, cut anywhere. Good until the call returns.</param>
    void SpeechTaken(string connectionId, string avatarId, string requestId, ReadOnlyMemory<byte> pcm);

    /// <summary>Motion of a request was made.</summary>
    /// <param name="connectionId">The connection.</param>
    /// <param name="avatarId">The avatar that it is for.</param>
    /// <param name="requestId">The request.</param>
    /// <param name="firstKeyframe">Place of the first keyframe in the request, from 0.</param>
    /// <param name="animation">The keyframes; at least one. Good until the call returns.</param>
    void MotionMade(string connectionId, string avatarId, string requestId, long firstKeyframe, FlameAnimation animation);
}
