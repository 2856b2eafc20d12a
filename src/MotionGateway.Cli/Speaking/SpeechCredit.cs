namespace MotionGateway.Cli.Speaking;

/// <summary>Bytes that may still be sent before the gateway has acknowledged what it has.</summary>
internal sealed class SpeechCredit
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _acknowledged = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _limit;
    private long _outstanding;

    /// <summary>Sets how many bytes may be outstanding.</summary>
    public void Grant(long bytes) => Change(() => _limit = bytes);

    /// <summary>Frees what the gateway has handled.</summary>
    /// <param name="turnId">The turn.</param>
    /// <param name="bytes">Bytes of the turn handled so far, from its start.</param>
    public void Acknowledge(string turnId, long bytes) => Change(() =>
    {
        long before = _acknowledged.GetValueOrDefault(turnId);
        _acknowledged[turnId] = Math.Max(before, bytes);
        _outstanding -= Math.Max(0, bytes - before);
    });

    /// <summary>Waits for room and takes it.</summary>
    public async Task TakeAsync(string turnId, int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_outstanding + bytes <= _limit)
                {
                    _outstanding += bytes;
                    _acknowledged.TryAdd(turnId, 0);
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
