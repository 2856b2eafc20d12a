using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace MotionGateway.MotionServer;

/// <summary>What the requests of a connection share on their receiving side: room for unread motion, and when any came last. Thread-safe.</summary>
internal sealed class Reception(MotionServerOptions options, TimeProvider time)
{
    // What an entry costs besides its bytes, so that empty messages are bounded too.
    private const int EntryOverheadBytes = 256;

    private long _heldBytes;
    private long _motionAt;

    public TimeProvider Time => time;

    /// <summary>How long motion that is due may take; null for no limit.</summary>
    public TimeSpan? MotionTimeout { get; } = options.MotionTimeout > TimeSpan.Zero ? options.MotionTimeout : null;

    /// <summary>Motion has come, of whatever request: the service makes progress.</summary>
    public void NoteMotion() => Volatile.Write(ref _motionAt, time.GetTimestamp());

    /// <summary>How long motion has been waited for that is due since a moment.</summary>
    public TimeSpan Waited(long since) => time.GetElapsedTime(Math.Max(since, Volatile.Read(ref _motionAt)));

    /// <summary>Makes room for a message. There is always room for one: a reader that has read all is not behind, however long the next message is. For one caller at a time.</summary>
    public bool TryHold(MotionMessage message)
    {
        long bytes = message.HeldBytes + EntryOverheadBytes;
        long held = Interlocked.Read(ref _heldBytes);
        bool fits = held == 0 || held + bytes <= options.ReceiveBufferBytes;
        Interlocked.Add(ref _heldBytes, fits ? bytes : 0);
        return fits;
    }

    /// <summary>A message is a reader's now, or thrown away. Before it is disposed.</summary>
    public void Release(MotionMessage message) => Interlocked.Add(ref _heldBytes, -(message.HeldBytes + EntryOverheadBytes));
}

/// <summary>
/// What was received for one request and not read yet: motion and errors in the order of their arrival, then the end. Knows since when the service owes the request
/// motion: once its end was sent, or when more audio is unanswered than the longest segment that the service makes motion in, so that a pause of the speaker's is no
/// fault of the service's. Thread-safe.
/// </summary>
/// <param name="reception">What the connection's requests share.</param>
/// <param name="connection">What the connection is for.</param>
/// <param name="motionTimedOut">Makes what is thrown when motion that is owed does not come.</param>
internal sealed class MotionInbox(Reception reception, MotionConnectionOptions connection, Func<MotionServerException> motionTimedOut) : IValueTaskSource
{
    // Errors that nobody reads must not grow without end: the first ones tell the most.
    private const int MaxErrors = 16;

    private const int KeyframesPerSecond = 25;
    private const int LongestSegmentKeyframes = 4 * KeyframesPerSecond;

    // Timers are no finer, and one may fire a fraction early.
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(1);

    // 0 where only the service knows how long the audio is: then any that is unanswered counts, from the last chunk on.
    private readonly long _bytesPerKeyframe =
        connection.Audio.TakesPcm ? connection.Audio.SampleRate * MotionAudioFormat.BytesPerSample / KeyframesPerSecond : 0;
    private readonly Lock _lock = new();
    // All guarded by the lock.
    private readonly Queue<object> _entries = new();
    private ManualResetValueTaskSourceCore<bool> _arrival;
    private ITimer? _timer;
    private bool _isTimerArmed;
    private bool _isWaiting;
    private long? _owedSince;
    private long _sentBytes;
    private long _keyframes;
    private bool _isEndSent;
    private bool _isComplete;
    private MotionServerException? _failure;
    private int _errors;
    private int _readers;

    private bool IsSegmentUnanswered => _bytesPerKeyframe > 0 && _sentBytes > (_keyframes + LongestSegmentKeyframes) * _bytesPerKeyframe;

    /// <summary>Audio of the request has been sent.</summary>
    public void OnSent(int bytes, bool isLast)
    {
        lock (_lock)
        {
            _sentBytes += bytes;
            _isEndSent |= isLast;
            long now = reception.Time.GetTimestamp();
            _owedSince = isLast || _bytesPerKeyframe == 0 ? now : IsSegmentUnanswered ? _owedSince ?? now : _owedSince;
            ArmLocked();
        }
    }

    /// <summary>
    /// Adds motion, which is the inbox's then, or says that there is no room for it. Its reader goes on at <see cref="Arrived"/>, to be called outside of locks.
    /// </summary>
    public bool TryAdd(MotionMessage message)
    {
        lock (_lock)
        {
            // What comes after the end has no reader; dropping it is not a matter of room.
            if (_isComplete)
            {
                message.Dispose();
                return true;
            }

            _keyframes += message.KeyframeCount;
            if (!_isEndSent && !IsSegmentUnanswered)
            {
                _owedSince = null;
            }

            if (!reception.TryHold(message))
            {
                return false;
            }

            _entries.Enqueue(message);
            return true;
        }
    }

    /// <summary>Lets the reader go on with what was added: on this thread, where the connection's readers may.</summary>
    public void Arrived() => Wake(mayRunHere: connection.AllowSynchronousContinuations);

    /// <summary>Adds an error that the server reported. Beyond the first ones that nobody reads, they are dropped.</summary>
    public void Add(MotionServerException error)
    {
        lock (_lock)
        {
            if (_isComplete || _errors == MaxErrors)
            {
                MotionServerTelemetry.RecordIgnored("unread_error");
                return;
            }

            _errors++;
            _entries.Enqueue(error);
        }

        Wake();
    }

    /// <summary>Ends the inbox; what is in it can still be read. The first call counts.</summary>
    /// <param name="failure">Thrown to whoever reads, after everything else; null ends quietly.</param>
    public void Complete(MotionServerException? failure)
    {
        lock (_lock)
        {
            (_failure, _isComplete) = (_isComplete ? _failure : failure, true);
        }

        Wake();
    }

    /// <summary>Ends the inbox quietly, however it has ended before, and throws away what has not been read.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            (_failure, _isComplete) = (null, true);
        }

        Clear();
        Wake();
    }

    /// <summary>Throws away what has not been read, after the end.</summary>
    public void Clear()
    {
        while (TryTake(out object? entry))
        {
            if (entry is MotionMessage message)
            {
                reception.Release(message);
                message.Dispose();
            }
        }
    }

    /// <summary>Reads until the end. One reader at a time.</summary>
    public async IAsyncEnumerable<MotionMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _readers, 1) != 0)
        {
            throw new InvalidOperationException("The request's motion is already being read.");
        }

        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static inbox => ((MotionInbox)inbox!).Wake(), this);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryTake(out object? entry))
                {
                    if (entry is MotionServerException error)
                    {
                        throw error;
                    }

                    MotionMessage message = (MotionMessage)entry;
                    reception.Release(message);
                    yield return message;
                }
                else if (IsOver(out MotionServerException? failure))
                {
                    if (failure is not null)
                    {
                        throw failure;
                    }

                    yield break;
                }
                else
                {
                    await WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            StopTimer();
            Volatile.Write(ref _readers, 0);
        }
    }

    void IValueTaskSource.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private bool TryTake([NotNullWhen(true)] out object? entry)
    {
        lock (_lock)
        {
            bool isThere = _entries.TryDequeue(out entry);
            _errors -= entry is MotionServerException ? 1 : 0;
            return isThere;
        }
    }

    private bool IsOver(out MotionServerException? failure)
    {
        lock (_lock)
        {
            failure = _failure;
            return _isComplete && _entries.Count == 0;
        }
    }

    // Until something may have come, or motion that is owed does not.
    private ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Whoever cancels takes the lock after it has: either it finds the reader waiting, or the reader sees it here.
            if (_entries.Count > 0 || _isComplete || cancellationToken.IsCancellationRequested)
            {
                return ValueTask.CompletedTask;
            }

            if (LeftLocked() <= TimeSpan.Zero)
            {
                // Who is told that it is over, and reads again, waits anew.
                _owedSince = reception.Time.GetTimestamp();
                throw motionTimedOut();
            }

            _arrival.Reset();
            _isWaiting = true;
            ArmLocked();
            return new ValueTask(this, _arrival.Version);
        }
    }

    private void Wake(bool mayRunHere = false)
    {
        lock (_lock)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        // Only who has taken the reader's wait comes here.
        _arrival.RunContinuationsAsynchronously = !mayRunHere;
        _arrival.SetResult(true);
    }

    // How long what is owed may still take; null while nothing is, or without a limit.
    private TimeSpan? LeftLocked() => reception.MotionTimeout - (_owedSince is long since ? reception.Waited(since) : null);

    // Armed rarely: a timer that still runs for what has come since looks again when it fires.
    private void ArmLocked()
    {
        if (_isWaiting && !_isTimerArmed && LeftLocked() is TimeSpan left)
        {
            _timer ??= reception.Time.CreateTimer(static inbox => ((MotionInbox)inbox!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _isTimerArmed = _timer.Change(left > Grain ? left : Grain, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            _isTimerArmed = false;
            if (LeftLocked() is not TimeSpan left || left > TimeSpan.Zero)
            {
                ArmLocked();
                return;
            }
        }

        Wake();
    }

    private void StopTimer()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            (_timer, _isTimerArmed) = (null, false);
        }
    }
}
