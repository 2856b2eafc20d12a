using System.Runtime.CompilerServices;

namespace MotionGateway.MotionServer;

/// <summary>What was received and not read yet, bounded in bytes: motion and errors in the order of their arrival, then the end.</summary>
internal sealed class MotionInbox(long capacityBytes)
{
    // What an entry costs besides its bytes, so that empty messages are bounded too.
    private const int EntryOverheadBytes = 256;

    private readonly Lock _lock = new();
    private readonly Queue<object> _entries = new();
    private long _bytes;
    private bool _isComplete;
    private MotionServerException? _failure;
    private bool _isReading;
    private TaskCompletionSource? _arrival;

    /// <summary>Adds motion, or says that there is no room for it.</summary>
    public bool TryAdd(MotionMessage message) => TryAdd(message, message.Envelope.Length);

    /// <summary>Adds an error that the server reported, or says that there is no room for it.</summary>
    public bool TryAdd(MotionServerException error) => TryAdd(error, error.Message.Length);

    /// <summary>Ends the inbox; what is in it can still be read. The first call counts.</summary>
    /// <param name="failure">Thrown to the reader once, after everything else; null ends quietly.</param>
    public void Complete(MotionServerException? failure)
    {
        TaskCompletionSource? arrival = null;
        lock (_lock)
        {
            if (!_isComplete)
            {
                _isComplete = true;
                _failure = failure;
                (arrival, _arrival) = (_arrival, null);
            }
        }

        arrival?.SetResult();
    }

    /// <summary>Reads until the end. One reader at a time.</summary>
    public async IAsyncEnumerable<MotionMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BeginReading();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                (object? entry, Task? arrival) = TakeOrWait();
                switch (entry)
                {
                    case MotionMessage message:
                        yield return message;
                        break;
                    case MotionServerException error:
                        throw error;
                    default:
                        if (arrival is null)
                        {
                            yield break;
                        }

                        await arrival.WaitAsync(cancellationToken).ConfigureAwait(false);
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

    private bool TryAdd(object entry, int bytes)
    {
        TaskCompletionSource? arrival;
        lock (_lock)
        {
            // What comes after the end has no reader; dropping it is not a matter of room.
            if (_isComplete)
            {
                return true;
            }

            if (_bytes + bytes + EntryOverheadBytes > capacityBytes)
            {
                return false;
            }

            _bytes += bytes + EntryOverheadBytes;
            _entries.Enqueue(entry);
            (arrival, _arrival) = (_arrival, null);
        }

        arrival?.SetResult();
        return true;
    }

    // An entry; or, without one, the task to wait for; or neither at the end.
    private (object? Entry, Task? Arrival) TakeOrWait()
    {
        lock (_lock)
        {
            if (_entries.TryDequeue(out object? entry))
            {
                _bytes -= EntryOverheadBytes + ((entry as MotionMessage)?.Envelope.Length ?? ((MotionServerException)entry).Message.Length);
                return (entry, null);
            }

            if (_isComplete)
            {
                (entry, _failure) = (_failure, null);
                return (entry, null);
            }

            _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (null, _arrival.Task);
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
}
