namespace MotionGateway.MotionServer;

/// <summary>The session tokens that are kept, oldest first. Thread-safe; waits for nothing.</summary>
internal sealed class TokenShelf(TokenLife life, int capacity, bool reuses)
{
    private readonly Lock _lock = new();
    private readonly List<SessionToken> _tokens = [];
    private bool _isClosed;

    /// <summary>Tokens that can open a connection.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _tokens.Count(life.IsUsable);
            }
        }
    }

    /// <summary>Hands out a token: the oldest, once; or with reuse the newest, as often as it is asked for.</summary>
    public SessionToken? Take()
    {
        lock (_lock)
        {
            DropUnusable();
            if (_tokens.Count == 0)
            {
                return null;
            }

            SessionToken token = reuses ? _tokens[^1] : _tokens[0];
            if (!reuses)
            {
                _tokens.RemoveAt(0);
            }

            return token;
        }
    }

    /// <summary>Keeps a token; the oldest make room.</summary>
    public void Put(SessionToken token)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                TokenTelemetry.RecordDiscarded(TokenDiscardReason.Disposed);
                return;
            }

            _tokens.Add(token);
            while (_tokens.Count > capacity)
            {
                TokenTelemetry.RecordDiscarded(
                    life.UntilReplacement(_tokens[0]) == TimeSpan.Zero ? TokenDiscardReason.Expiring : TokenDiscardReason.Surplus);
                _tokens.RemoveAt(0);
            }
        }
    }

    /// <summary>Forgets a token that was refused, if it is still here.</summary>
    public void Remove(SessionToken token)
    {
        lock (_lock)
        {
            _tokens.Remove(token);
        }
    }

    /// <summary>How long until another token is needed: zero when one is missing or must be replaced.</summary>
    /// <param name="wanted">How many there should be.</param>
    public TimeSpan UntilNeeded(int wanted)
    {
        lock (_lock)
        {
            DropUnusable();
            return _tokens.Count < wanted ? TimeSpan.Zero : _tokens.Min(life.UntilReplacement);
        }
    }

    /// <summary>Throws everything away, also what comes later.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _tokens.ForEach(static _ => TokenTelemetry.RecordDiscarded(TokenDiscardReason.Disposed));
            _tokens.Clear();
        }
    }

    private void DropUnusable()
    {
        for (int i = _tokens.RemoveAll(token => !life.IsUsable(token)); i > 0; i--)
        {
            TokenTelemetry.RecordDiscarded(TokenDiscardReason.Expiring);
        }
    }
}
