using System.Runtime.CompilerServices;
using MotionGateway.Feeds;
using MotionGateway.MotionServer;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>A request at the simulated Motion Server: what speech it had, and what motion it made of it.</summary>
internal sealed class SimulatedRequest(SimulatedLeg leg, string id) : IMotionRequest
{
    private readonly List<ulong> _keyframes = [];
    private readonly byte[] _rest = new byte[leg.BytesPerKeyframe];
    private long _length;
    private int _restLength;
    private readonly Queue<(byte[]? Envelope, int Count, bool End, MotionServerException? Failure)> _arrived = new();
    private readonly AsyncSignal _arrival = new();
    private readonly Queue<OnTheWay> _onTheWay = new();
    private RequestPlan? _plan;
    private MotionServerException? _failure;
    private ITimer? _motionTimer;
    private int _made;
    private int _messages;
    private bool _isEndTold;
    private bool _isEndGiven;
    private bool _isSilent;
    private bool _hasLost;

    public string Id => id;

    /// <summary>Its speech is complete.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Nobody wants more of it.</summary>
    public bool IsInterrupted { get; private set; }

    public bool IsOver { get; private set; }

    /// <summary>Motion of it got lost without a sign, and it was over before its end could tell by the count.</summary>
    public bool HasHiddenLoss => _hasLost && !_isEndGiven;

    public RequestPlan Plan => _plan ?? new RequestPlan();

    public SimulatedLeg Leg => leg;

    /// <summary>Each keyframe that came, and when it did.</summary>
    public Dictionary<ulong, TimeSpan> Arrivals { get; } = [];

    public async ValueTask SendAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken = default)
    {
        leg.ThrowIfEnded(MotionServerPhase.WebSocketSend);
        ThrowIfEnded();
        _plan ??= leg.Server.Begin(this);
        if (_plan.SendTime > TimeSpan.Zero)
        {
            await Task.Delay(_plan.SendTime, leg.Server.World.Time, CancellationToken.None);
            leg.ThrowIfEnded(MotionServerPhase.WebSocketSend);
            ThrowIfEnded();
        }

        Hear(audio.Span);
        Make();
        Await();
    }

    public ValueTask EndAsync(CancellationToken cancellationToken = default)
    {
        leg.ThrowIfEnded(MotionServerPhase.WebSocketSend);
        if (IsEnded || IsInterrupted)
        {
            return ValueTask.CompletedTask;
        }

        IsEnded = true;
        if (_length == 0)
        {
            Finish(failure: null);
        }
        else
        {
            Make();
            Await();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask InterruptAsync(CancellationToken cancellationToken = default)
    {
        leg.ThrowIfEnded(MotionServerPhase.WebSocketSend);
        IsInterrupted = true;
        _arrived.Clear();
        Finish(failure: null);
        return ValueTask.CompletedTask;
    }

    public ValueTask PauseAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask ResumeAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async IAsyncEnumerable<MotionMessage> ReadMotionAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var registration = cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _arrival);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_arrived.TryDequeue(out var arrived))
            {
                if (arrived.Failure is not null)
                {
                    throw arrived.Failure;
                }

                yield return new MotionMessage(leg.ConnectionId, id, null, arrived.End, arrived.Count, arrived.Envelope!);
                if (arrived.End)
                {
                    yield break;
                }
            }
            else if (IsOver)
            {
                if (_failure is not null && !IsInterrupted)
                {
                    throw _failure;
                }

                yield break;
            }
            else
            {
                await _arrival.WaitAsync();
            }
        }
    }

    public ValueTask DisposeAsync() => leg.IsEnded || IsOver ? ValueTask.CompletedTask : InterruptAsync();

    public void Finish(MotionServerException? failure)
    {
        if (!IsOver)
        {
            IsOver = true;
            _failure = failure;
            _motionTimer?.Dispose();
            _arrival.Set();
        }
    }

    private void ThrowIfEnded()
    {
        if (IsEnded || IsInterrupted)
        {
            throw new InvalidOperationException("The request was ended or interrupted before.");
        }
    }

    // Makes the segments for which there is speech.
    private void Make()
    {
        int due = _keyframes.Count;
        int last = Math.Max(1, due) - Plan.Shortfall;
        while (!_isEndTold)
        {
            int segment = _made == 0 ? Plan.Segments.First : Plan.Segments.Further;
            if (IsEnded && _made + segment >= last)
            {
                _isEndTold = true;
                MakeSegment(Math.Max(0, last - _made), end: true);
            }
            else if (_made + segment <= due)
            {
                MakeSegment(segment, end: false);
            }
            else
            {
                return;
            }
        }
    }

    private void MakeSegment(int count, bool end)
    {
        var keyframes = Enumerable.Range(_made, count).Select(Make).ToArray();
        _made += count;
        var fault = _messages++ == Plan.At ? Plan.Fault : RequestFault.None;
        _isSilent |= fault == RequestFault.Stall;
        _hasLost |= fault is RequestFault.Missing or RequestFault.Truncated;
        if (_isSilent || fault == RequestFault.Missing)
        {
            // An end that gets lost is a stall.
            _isSilent |= end;
            return;
        }

        if (fault == RequestFault.Truncated)
        {
            keyframes = keyframes[..(keyframes.Length / 2)];
        }

        byte[] envelope = Keyframes.Encode(leg.ConnectionId, id, end || fault == RequestFault.EarlyEnd, keyframes);
        var failure = fault switch
        {
            RequestFault.Report => new MotionServerException(MotionServerErrorCode.UpstreamError, MotionServerPhase.WebSocketRuntime, "A report."),
            RequestFault.ReportForGood => new MotionServerException(MotionServerErrorCode.InvalidRequest, MotionServerPhase.WebSocketRuntime, "A report."),
            _ => null,
        };
        _isSilent |= failure is not null || fault == RequestFault.EarlyEnd;
        envelope = fault == RequestFault.Malformed ? [.. envelope, 0xFF] : envelope;
        _onTheWay.Enqueue(new OnTheWay(envelope, keyframes, end || fault == RequestFault.EarlyEnd, failure, fault == RequestFault.Duplicate));
        _ = ArriveAsync();
    }

    // The fraction of a keyframe is dropped, but where it is all there was.
    private ulong Make(int keyframe) => keyframe < _keyframes.Count ? _keyframes[keyframe] : Keyframes.Of(_rest.AsSpan(0, _restLength), Plan.Salt);

    private void Hear(ReadOnlySpan<byte> speech)
    {
        _length += speech.Length;
        while (!speech.IsEmpty)
        {
            int count = Math.Min(speech.Length, _rest.Length - _restLength);
            speech[..count].CopyTo(_rest.AsSpan(_restLength));
            speech = speech[count..];
            _restLength += count;
            if (_restLength == _rest.Length)
            {
                _keyframes.Add(Keyframes.Of(_rest, Plan.Salt));
                _restLength = 0;
            }
        }
    }

    // Whichever timer fires first: messages come in their order.
    private async Task ArriveAsync()
    {
        await Task.Delay(Plan.Latency, leg.Server.World.Time, CancellationToken.None);
        var message = _onTheWay.Dequeue();
        for (int i = 0; i < (message.IsTwice ? 2 : 1) && !IsOver; i++)
        {
            foreach (ulong keyframe in message.Keyframes)
            {
                Arrivals.TryAdd(keyframe, leg.Server.World.Now);
            }

            _arrived.Enqueue((message.Envelope, message.Keyframes.Length, message.End, message.Failure));
            _arrival.Set();
            Await();
            if (message.End)
            {
                _isEndGiven = true;
                Finish(failure: null);
            }
        }
    }

    // As the Server SDK does: motion is due once the end was told, and for more speech than the longest segment.
    private void Await()
    {
        _motionTimer?.Dispose();
        if (!IsOver && (IsEnded || _length > (Arrivals.Count + 100L) * leg.BytesPerKeyframe))
        {
            _motionTimer = leg.Server.World.Time.CreateTimer(
                _ => Finish(new MotionServerException(MotionServerErrorCode.MotionTimeout, MotionServerPhase.WebSocketRuntime, "No motion came in time.")),
                null, leg.Server.MotionTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed record OnTheWay(byte[] Envelope, ulong[] Keyframes, bool End, MotionServerException? Failure, bool IsTwice);
}
