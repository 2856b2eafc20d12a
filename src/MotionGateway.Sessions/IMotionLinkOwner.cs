using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>What a link tells its session. Called from the link's own tasks.</summary>
internal interface IMotionLinkOwner
{
    /// <summary>The connection took audio.</summary>
    void OnAudioSent(SpeechTurn turn, int bytes);

    /// <summary>Motion came. The message is the caller's, and disposed after the call.</summary>
    void OnMotion(MotionMessage message);

    /// <summary>Requests will get no more motion.</summary>
    /// <param name="requestIds">Those whose motion may be incomplete; empty when none was under way.</param>
    /// <param name="error">Why.</param>
    void OnMotionLost(IReadOnlySet<string> requestIds, MotionServerException error);
}
