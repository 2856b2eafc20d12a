using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MotionGateway.MotionServer;

/// <summary>What the requests of a connection share on their receiving side: room for unread motion, and when any came last. Thread-safe.</summary>
internal sealed class Reception(MotionServerOptions options, TimeProvider time)
{
    // What an entry costs besides its bytes, so that empty messages are bounded too.
    private const int EntryOverheadBytes = 256;

    private long _heldBytes;
    private long _motionAt;

    public TimeProvider Time => time;

    /// <summary>Messages that can wait at the most, since each counts more than its bytes.</summary>
    public int MaxMessages { get; } = (int)Math.Min(Array.MaxLength / 2, (options.ReceiveBufferBytes / EntryOverheadBytes) + 1);

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
internal sealed class MotionInbox(Reception reception, MotionAudioFormat audio, Func<MotionServerException> motionTimedOut)
{
    // Errors that nobody reads must not grow without end: the first ones tell the most.
    private const int MaxErrors = 16;

    private const int KeyframesPerSecond = 25;
    private const int LongestSegmentKeyframes = 4 * KeyframesPerSecond;

    // Timers are no finer, and one may fire a fraction early.
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(1);

    // 0 where only the service knows how long the audio is: then any that is unanswered counts, from the last chunk on.
    private readonly long _bytesPerKeyframe = audio.TakesPcm ? audio.SampleRate * MotionAudioFormat.BytesPerSample / KeyframesPerSecond : 0;
    private readonly Channel<object> _entries = Channel.CreateBounded<object>(reception.MaxMessages + MaxErrors);
    private readonly Lock _lock = new();
    // All guarded by the lock.
    private TaskCompletionSource _isOwed = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
            if (_owedSince is not null)
            {
                _isOwed.TrySetResult();
            }
        }
    }

    /// <summary>Adds motion, which is the inbox's then, or says that there is no room for it.</summary>
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
            if (!_isEndSent && !IsSegmentUnanswered && _owedSince is not null)
            {
                _owedSince = null;
                _isOwed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return reception.TryHold(message) && _entries.Writer.TryWrite(message);
        }
    }

    /// <summary>Adds an error that the server reported. Beyond the first ones that nobody reads, they are dropped.</summary>
    public void Add(MotionServerException error)
    {
        if (Interlocked.Increment(ref _errors) > MaxErrors || !_entries.Writer.TryWrite(error))
        {
            Interlocked.Decrement(ref _errors);
            MotionServerTelemetry.RecordIgnored("unread_error");
        }
    }

    /// <summary>Ends the inbox; what is in it can still be read. The first call counts.</summary>
    /// <param name="failure">Thrown to whoever reads, after everything else; null ends quietly.</param>
    public void Complete(MotionServerException? failure)
    {
        lock (_lock)
        {
            (_failure, _isComplete) = (_isComplete ? _failure : failure, true);
        }

        _entries.Writer.TryComplete();
    }

    /// <summary>Ends the inbox quietly, however it has ended before, and throws away what has not been read.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            (_failure, _isComplete) = (null, true);
        }

        _entries.Writer.TryComplete();
        Clear();
    }

    /// <summary>Throws away what has not been read, after the end.</summary>
    public void Clear()
    {
        while (_entries.Reader.TryRead(out object? entry))
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
            while (await WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (_entries.Reader.TryRead(out object? entry))
                {
                    if (entry is MotionServerException error)
                    {
                        Interlocked.Decrement(ref _errors);
                        throw error;
                    }

                    MotionMessage message = (MotionMessage)entry;
                    reception.Release(message);
                    yield return message;
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }

            if (_failure is { } failure)
            {
                throw failure;
            }
        }
        finally
        {
            Volatile.Write(ref _readers, 0);
        }
    }

    // False at the end.
    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        Task<bool> arrival = _entries.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (!arrival.IsCompleted && reception.MotionTimeout is TimeSpan limit)
        {
            (Task isOwed, TimeSpan? left) = Look(limit);
            if (left <= TimeSpan.Zero)
            {
                throw motionTimedOut();
            }

            using CancellationTokenSource over = new();
            Task passing = left is TimeSpan due ? Task.Delay(due > Grain ? due : Grain, reception.Time, over.Token) : isOwed;
            await Task.WhenAny(arrival, passing).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
        }

        return await arrival.ConfigureAwait(false);
    }

    // What tells that motion is owed, and how long what is owed may still take.
    private (Task IsOwed, TimeSpan? Left) Look(TimeSpan limit)
    {
        lock (_lock)
        {
            TimeSpan? left = _owedSince is long since ? limit - reception.Waited(since) : null;
            // Who is told that it is over, and reads again, waits anew.
            _owedSince = left <= TimeSpan.Zero ? reception.Time.GetTimestamp() : _owedSince;
            return (_isOwed.Task, left);
        }
    }
}
