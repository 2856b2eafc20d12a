using MotionGateway.V1;

namespace MotionGateway.Cli.Speaking;

/// <summary>What became of a turn that was spoken.</summary>
internal sealed class SpokenTurn(string id)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _failure;
    private bool _isReported;

    /// <summary>Its id.</summary>
    public string TurnId { get; } = id;

    /// <summary>Bytes sent to the gateway.</summary>
    public long AudioBytesSent { get; set; }

    /// <summary>Bytes that the gateway discarded after an interrupt.</summary>
    public long DiscardedBytes { get; private set; }

    /// <summary>What is suspicious about its audio.</summary>
    public IReadOnlyList<AudioRemark> AudioWarnings { get; private set; } = [];

    /// <summary>Samples of the turn.</summary>
    public long Samples { get; private set; }

    /// <summary>Keyframes of the turn.</summary>
    public long Keyframes { get; private set; }

    /// <summary>Milliseconds from the first speech to the first motion; null when there was none.</summary>
    public long? FirstMotionMs { get; private set; }

    /// <summary>Milliseconds to the first payload released; null when there was none.</summary>
    public long? ReleasedMs { get; private set; }

    /// <summary>Milliseconds until all media was in the log; null before.</summary>
    public long? SealedMs { get; private set; }

    /// <summary>How it ended; unspecified before.</summary>
    public TurnOutcome Outcome { get; private set; }

    /// <summary>Why it failed; null when it did not, whatever was recovered from on the way.</summary>
    public string? Error { get; private set; }

    /// <summary>Times that motion was asked for again.</summary>
    public int Recoveries { get; private set; }

    /// <summary>Ends when the turn is over and reported.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Takes in a response that may be about this turn.</summary>
    public void Handle(SpeakResponse response)
    {
        if (response.TurnReport is { } report && report.TurnId == TurnId)
        {
            AudioWarnings = AudioRemark.Of(report);
            FirstMotionMs = report.FirstMotionMs >= 0 ? report.FirstMotionMs : null;
            ReleasedMs = report.ReleasedMs >= 0 ? report.ReleasedMs : null;
            SealedMs = report.SealedMs >= 0 ? report.SealedMs : null;
            (Samples, Keyframes, Recoveries) = (report.SampleCount, report.KeyframeCount, report.Recoveries);
            _isReported = true;
            EndIfOver();
        }
        else if (response.AudioAcknowledged is { } acknowledged && acknowledged.TurnId == TurnId)
        {
            DiscardedBytes = acknowledged.DiscardedBytes;
        }
        else if (response.MotionServerFailure is { } failure && failure.TurnId == TurnId)
        {
            _failure = $"{Protocol.ErrorTable.GetName(failure.Reason)}: {failure.Message}";
        }
        else if (response.Payload is { } payload && payload.TurnId == TurnId)
        {
            Handle(payload);
        }
    }

    private void Handle(Payload payload)
    {
        switch (payload.ContentCase)
        {
            case Payload.ContentOneofCase.Audio:
                Samples = Math.Max(Samples, payload.Audio.FirstSample + payload.Audio.SampleCount);
                break;
            case Payload.ContentOneofCase.Motion:
                Keyframes = Math.Max(Keyframes, payload.Motion.FirstKeyframe + payload.Motion.KeyframeCount);
                break;
            case Payload.ContentOneofCase.TurnEnded:
                Outcome = payload.TurnEnded.Outcome;
                Error = payload.TurnEnded.Error == ErrorReason.Unspecified ? null : _failure ?? Protocol.ErrorTable.GetName(payload.TurnEnded.Error);
                EndIfOver();
                break;
            default:
                break;
        }
    }

    // Which of the two comes first is left open.
    private void EndIfOver()
    {
        if (_isReported && Outcome != TurnOutcome.Unspecified)
        {
            _ended.TrySetResult();
        }
    }
}
