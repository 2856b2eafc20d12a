using System.Runtime.CompilerServices;

namespace MotionGateway.MotionServer;

/// <summary>What was received and not read yet, bounded in bytes: motion and errors in the order of their arrival, then the end.</summary>
internal sealed class MotionInbox(long capacityBytes)
{
    // What an entry costs besides its bytes, so that empty messages are bounded too.
    private const int EntryOverheadBytes = 256;

    // Nobody may read motion at all, and errors alone must not end a connection: the first ones tell the most.
    private const int MaxErrors = 64;

    private readonly Lock _lock = new();
    private readonly Queue<object> _entries = new();
    private readonly SingleWaiter _reader = new();
    private long _bytes;
    private int _errors;
    private bool _isComplete;
    private MotionServerException? _failure;
    private bool _isReading;

    /// <summary>Whether there is something to read, be it the end.</summary>
    public bool HasUnread
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count > 0 || _isComplete;
            }
        }
    }

    /// <summary>Adds motion, which is the inbox's then, or says that there is no room for it.</summary>
    public bool TryAdd(MotionMessage message)
    {
        int bytes = message.HeldBytes + EntryOverheadBytes;
        lock (_lock)
        {
            // What comes after the end has no reader; dropping it is not a matter of room.
            if (_isComplete)
            {
                message.Dispose();
                return true;
            }

            // A reader that has read all motion is not behind, however large the next message is.
            if (_bytes > 0 && _bytes + bytes > capacityBytes)
            {
                return false;
            }

            _bytes += bytes;
            Enqueue(message);
            return true;
        }
    }

    /// <summary>Adds an error that the server reported. Beyond the first ones that nobody reads, they are dropped.</summary>
    public void Add(MotionServerException error)
    {
        lock (_lock)
        {
            if (_isComplete)
            {
                return;
            }

            if (_errors == MaxErrors)
            {
                MotionServerTelemetry.RecordIgnored("unread_error");
                return;
            }

            _errors++;
            Enqueue(error);
        }
    }

    /// <summary>Ends the inbox; what is in it can still be read. The first call counts.</summary>
    /// <param name="failure">Thrown to the reader once, after everything else; null ends quietly.</param>
    public void Complete(MotionServerException? failure)
    {
        lock (_lock)
        {
            if (!_isComplete)
            {
                _isComplete = true;
                _failure = failure;
                _reader.Wake();
            }
        }
    }

    /// <summary>Throws away what has not been read, after the end.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (object entry in _entries)
            {
                (entry as MotionMessage)?.Dispose();
            }

            _entries.Clear();
            _failure = null;
        }
    }

    /// <summary>Reads until the end. One reader at a time.</summary>
    public async IAsyncEnumerable<MotionMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BeginReading();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static inbox => ((MotionInbox)inbox!).Wake(), this);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                switch (Take(out ValueTask arrival, cancellationToken))
                {
                    case MotionMessage message:
                        yield return message;
                        break;
                    case MotionServerException error:
                        throw error;
                    case End:
                        yield break;
                    default:
                        await arrival.ConfigureAwait(false);
                        break;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _isReading = false;
            }
        }
    }

    private void Enqueue(object entry)
    {
        _entries.Enqueue(entry);
        _reader.Wake();
    }

    // An entry, or the end; or null and what to wait for, which is nothing for a reader that has given up.
    private object? Take(out ValueTask arrival, CancellationToken cancellationToken)
    {
        arrival = default;
        lock (_lock)
        {
            if (_entries.TryDequeue(out object? entry))
            {
                if (entry is MotionMessage message)
                {
                    _bytes -= message.HeldBytes + EntryOverheadBytes;
                }
                else
                {
                    _errors--;
                }

                return entry;
            }

            if (_isComplete)
            {
                (entry, _failure) = (_failure, null);
                return entry ?? End.Instance;
            }

            // Under the lock: who cancels from here on finds a reader to wake.
            if (!cancellationToken.IsCancellationRequested)
            {
                arrival = _reader.WaitAsync();
            }

            return null;
        }
    }

    // A reader that gives up looks at its token when it is woken.
    private void Wake()
    {
        lock (_lock)
        {
            _reader.Wake();
        }
    }

    private void BeginReading()
    {
        lock (_lock)
        {
            if (_isReading)
            {
                throw new InvalidOperationException("The connection's motion is already being read.");
            }

            _isReading = true;
        }
    }

    private sealed class End
    {
        public static readonly End Instance = new();
    }
}
