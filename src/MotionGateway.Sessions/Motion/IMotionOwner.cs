using System.Diagnostics;
using MotionGateway.MotionServer;

namespace MotionGateway.Sessions;

/// <summary>What a session's supply of motion tells the session. Called without the session's lock where nothing else is said.</summary>
internal interface IMotionOwner
{
    /// <summary>What a connection is made for, in traces; null: nothing is traced. Asked for under the session's lock.</summary>
    Activity? Trace { get; }

    /// <summary>A connection has taken speech up to a sample.</summary>
    void OnSpeechSent(MotionRequest request, long throughSample);

    /// <summary>Motion came. The message is the caller's, and disposed after the call.</summary>
    void OnMotion(MotionRequest request, MotionMessage message);

    /// <summary>A request will give no more motion; its connection stays.</summary>
    void OnRequestFailed(MotionRequest request, MotionServerException failure);

    /// <summary>The Motion Server tells of a playback of its own.</summary>
    void OnPlayback(MotionLeg leg, PlaybackUpdate update);

    /// <summary>A request whose speech is published goes no further, or all of them where none is named; its connection stays.</summary>
    void OnPublishingFailed(MotionLeg leg, MotionServerException failure);

    /// <summary>A connection has ended.</summary>
    /// <param name="leg">The connection.</param>
    /// <param name="failure">Why; null after a normal close by the Motion Server.</param>
    void OnLegEnded(MotionLeg leg, MotionServerException? failure);

    /// <summary>There is a connection where there was none.</summary>
    void OnLegOpened(MotionLeg leg);

    /// <summary>No connection can be had.</summary>
    void OnConnectFailed(MotionServerException failure);

    /// <summary>A defect of this program.</summary>
    void OnDefect(Exception exception);
}
