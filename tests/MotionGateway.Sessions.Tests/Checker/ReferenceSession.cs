using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>The rules of a session, written a second time: which commands are taken, and what they mean.</summary>
internal sealed partial class ReferenceSession(SessionSettings settings, SessionLimits limits)
{
    private static readonly byte[][] Headers = ["RIFF"u8.ToArray(), "OggS"u8.ToArray(), "fLaC"u8.ToArray(), "ID3"u8.ToArray()];

    private readonly Dictionary<string, ReferenceTurn> _byId = [];
    private readonly HashSet<ReferenceTurn> _stopped = [];
    private string _stopReason = "";
    private ErrorReason _stopError;
    private bool _closing;
    private TimeSpan _motionAt;
    private TimeSpan _pausedAt;
    private TimeSpan _idleSince;

    public TimeSpan Now { get; private set; }

    public bool IsClosed { get; private set; }

    public ReferenceTurn? Open { get; private set; }

    /// <summary>Turns that have not ended, in order.</summary>
    public List<ReferenceTurn> Live { get; } = [];

    public List<ReferenceTurn> All { get; } = [];

    public ReferenceTurn? Playing => Live.Count > 0 && Live[0].IsStarted ? Live[0] : null;

    public long UnacknowledgedBytes => All.Sum(turn => turn.ReceivedBytes - turn.AcknowledgedBytes);

    public ReferenceTurn? Find(string id) => _byId.GetValueOrDefault(id);

    public void Pass(TimeSpan time)
    {
        Now += time;
        foreach (var turn in Live)
        {
            turn.Clock.Pass(time);
        }

        if (Live.Count > 0)
        {
            _idleSince = Now;
        }
    }

    /// <summary>The reasons for which audio must be refused, as a set of bits; 0 when it must be taken.</summary>
    public ulong WhyRefuse(string name, ReadOnlySpan<byte> data, bool end)
    {
        if (IsClosed)
        {
            return Bit(ErrorReason.SessionClosed);
        }

        ulong reasons = data.Length > limits.MaxChunkBytes ? Bit(ErrorReason.ChunkTooLarge) : 0;
        var turn = name.Length == 0 ? Open : Find(name);
        if (name.Length > 0 && turn is null && Open is { IsEnded: false })
        {
            return reasons | Bit(ErrorReason.InvalidRequest);
        }

        if (turn is { IsEnded: true } && (name.Length == 0 || turn.Outcome is TurnOutcome.Interrupted or TurnOutcome.Failed))
        {
            return reasons;
        }

        if (turn is { IsEnded: true } or { IsAudioComplete: true })
        {
            return reasons | Bit(ErrorReason.TurnNotOpen);
        }

        return reasons | WhyRefuse(turn, data, end);
    }

    /// <summary>Takes audio.</summary>
    /// <param name="describeNew">The id and the request of the turn that was created, if one was.</param>
    public void Accept(string name, ReadOnlySpan<byte> data, bool end, Func<(string Id, string RequestId)> describeNew)
    {
        var turn = name.Length == 0 ? Open : Find(name);
        if (turn is null)
        {
            var (id, requestId) = describeNew();
            Check.That(!_byId.ContainsKey(id), $"the id {id} was given twice");
            Check.That(name.Length == 0 || name == id, $"turn {name} is called {id}");
            turn = new ReferenceTurn(id, requestId, settings.SampleRate, Now);
            _byId.Add(id, turn);
            Live.Add(turn);
            All.Add(turn);
            Open = turn;
        }

        turn.IsAudioComplete |= end;
        Open = end && Open == turn ? null : Open;
        if (turn.IsEnded)
        {
            turn.LateBytes += data.Length;
            return;
        }

        turn.Accept(data);
        turn.AudioAt = Now;
    }

    /// <summary>What an interrupt must do.</summary>
    public List<ReferenceTurn> Interrupt(string name, string reason)
    {
        var target = name.Length == 0 ? Live.FirstOrDefault() : Live.Find(turn => turn.Id == name);
        if (target is null)
        {
            return [];
        }

        List<ReferenceTurn> stopped = [target];
        if (target.IsStarted)
        {
            stopped.AddRange(Live.SkipWhile(turn => turn != target).Skip(1).Where(turn => turn.IsStarted));
        }

        _stopped.UnionWith(stopped);
        (_stopReason, _stopError) = (reason, ErrorReason.Unspecified);
        return stopped;
    }

    public void Close(ErrorReason error, string reason)
    {
        _stopped.UnionWith(Live);
        (_stopReason, _stopError, _closing) = (reason, error, true);
    }

    public void MotionReceived(string requestId, byte[] envelope, int keyframes, bool end)
    {
        if (Live.Find(turn => turn.RequestId == requestId) is not { Motion: ReferenceMotion.Pending } turn)
        {
            return;
        }

        _motionAt = Now;
        if (keyframes > 0)
        {
            turn.HasHadMotion = true;
            turn.AcceptedKeyframes += keyframes;
            turn.WaitingMotion.Enqueue((envelope, keyframes, end));
        }

        if (end)
        {
            bool isWhole = turn.IsAudioComplete && turn.AcceptedKeyframes > 0;
            turn.Motion = isWhole ? ReferenceMotion.Whole : ReferenceMotion.Lost;
            turn.MotionError = isWhole ? ErrorReason.Unspecified : ErrorReason.MotionServerProtocolError;
        }
    }

    public void MotionLost(IReadOnlySet<string> requestIds, ErrorReason error)
    {
        foreach (var turn in Live.Where(turn => requestIds.Contains(turn.RequestId)))
        {
            LoseMotion(turn, error);
        }
    }

    public void ReportPlayback(string id, long played)
    {
        if (Playing is { } turn && turn.Id == id)
        {
            long behind = Math.Max(0, turn.Clock.Heard - Math.Max(0, played));
            turn.Lag = Math.Max(turn.Lag, Math.Min(behind, ToSamples(limits.MaxViewerLag)));
        }
    }

    private static ulong Bit(ErrorReason reason) => 1UL << (int)reason;

    private static void LoseMotion(ReferenceTurn turn, ErrorReason error)
    {
        if (turn.Motion == ReferenceMotion.Pending)
        {
            (turn.Motion, turn.MotionError) = (ReferenceMotion.Lost, error);
        }
    }

    private long ToSamples(TimeSpan time) => (long)(time.TotalSeconds * settings.SampleRate);

    private ulong WhyRefuse(ReferenceTurn? turn, ReadOnlySpan<byte> data, bool end)
    {
        ulong reasons = 0;
        if (data.IsEmpty && !end)
        {
            return Bit(ErrorReason.InvalidRequest);
        }

        if (data.IsEmpty && turn is null)
        {
            return Bit(ErrorReason.TurnNotOpen);
        }

        long total = (turn?.AcceptedBytes ?? 0) + data.Length;
        byte[] head = [.. turn is null ? [] : turn.Audio(0, Math.Min(4, turn.AcceptedBytes)), .. data[..Math.Min(4, data.Length)]];
        reasons |= Headers.Any(header => head.AsSpan().StartsWith(header)) ? Bit(ErrorReason.AudioHasHeader) : 0;
        reasons |= UnacknowledgedBytes + data.Length > limits.CreditBytesAt(settings.SampleRate)
            ? Bit(ErrorReason.AudioCreditExceeded) : 0;
        reasons |= end && total % 2 == 1 ? Bit(ErrorReason.OddAudioLength) : 0;
        reasons |= total / 2 > limits.MaxTurn.TotalSeconds * settings.SampleRate ? Bit(ErrorReason.TurnTooLong) : 0;
        reasons |= turn is null && Live.Count > limits.MaxWaitingTurns
            ? Bit(ErrorReason.TooManyTurns) : 0;
        return reasons;
    }
}
