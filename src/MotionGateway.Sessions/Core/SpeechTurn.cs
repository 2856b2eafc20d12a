using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>One turn: what was received of it, what waits, what was released, what was heard.</summary>
[DebuggerDisplay("{Id} {State} {Outcome}")]
internal sealed class SpeechTurn(string id, long ordinal, TurnSpeech speech, IPlaybackClock clock, long now)
{
    public string Id { get; } = id;

    public long Ordinal { get; } = ordinal;

    /// <summary>The caller named it; else it ends when a turn with a name begins.</summary>
    public bool IsNamed { get; init; }

    /// <summary>Its speech is the speaker's: it counts against the credit, and the speaker is told of it.</summary>
    public bool IsSpeakers { get; init; } = true;

    public IPlaybackClock Clock { get; private set; } = clock;

    /// <summary>The Motion Server publishes it; else its media goes through the log.</summary>
    public bool IsPublished { get; private set; } = clock is ReportedPlayback;

    /// <summary>With one that is published: what has been told of its playback.</summary>
    public TurnSignals Signals { get; } = new();

    public TurnSpeech Speech { get; } = speech;

    public TurnMotion Motion { get; } = new();

    public UnheardMedia Unheard { get; } = new();

    public TurnTrace Trace { get; set; } = TurnTrace.None;

    public TurnTimes Times { get; } = new(now);

    public MotionWait Wait { get; } = new();

    public TurnState State { get; set; } = TurnState.Waiting;

    public TurnOutcome Outcome { get; set; }

    /// <summary>With a turn that takes no more audio because some was refused or never came: why it fails.</summary>
    public ErrorReason Failure { get; set; }

    /// <summary>The caller's bytes: received, and of those discarded or dropped.</summary>
    public long ReceivedBytes { get; set; }

    public long DiscardedBytes { get; set; }

    public int DroppedBytes { get; set; }

    /// <summary>Bytes that the speaker has been told are handled.</summary>
    public long AcknowledgedBytes { get; set; }

    /// <summary>No more audio is taken.</summary>
    public bool IsComplete { get; set; }

    /// <summary>The last audio has been released as such.</summary>
    public bool IsLastAudioMarked { get; set; }

    /// <summary>Samples released; of one that is published, given to the Motion Server.</summary>
    public long Released { get; set; }

    /// <summary>The furthest sample that a connection to the Motion Server has taken.</summary>
    public long Sent { get; set; }

    public long Samples => Speech.Kept.Samples;

    /// <summary>Keyframes in the log.</summary>
    public long ReleasedKeyframes { get; set; }

    public long FirstSequence { get; set; }

    public long LastSequence { get; set; }

    /// <summary>How far the slowest viewer's playback is behind the clock, in samples.</summary>
    public long ViewerLag { get; set; }

    /// <summary>Samples heard when the turn ended.</summary>
    public long PlayedSamples { get; set; }

    public bool IsOver => State == TurnState.Ended;

    public bool IsOpen => !IsComplete && !IsOver;

    /// <summary>All its media is in the log, or never will be.</summary>
    public bool IsAllReleased =>
        IsComplete && Released == Samples && Motion.Progress != MotionProgress.Pending && Motion.Staged.Count == 0;

    /// <summary>Bytes that are handled: in the log and with the Motion Server, where that still works, or discarded.</summary>
    public long HandledBytes => IsOver
        ? ReceivedBytes
        : Speech.BytesAt(Motion.Progress == MotionProgress.Lost ? Released : Math.Min(Released, Sent)) + DiscardedBytes;

    /// <summary>It is not published after all.</summary>
    /// <param name="clock">Its playback from now on.</param>
    public void Unpublish(IPlaybackClock clock) => (Clock, IsPublished) = (clock, false);

    /// <summary>The turn's place in the log.</summary>
    public SequenceSpan? Sequences => FirstSequence == 0 ? null : new SequenceSpan(FirstSequence, LastSequence);
}
