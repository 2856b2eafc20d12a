namespace MotionGateway.MotionServer;

/// <summary>The session token of one connect. It serves in every region, until it has opened a WebSocket or was refused.</summary>
internal sealed class ConnectTokens(TokenStock stock, bool reuses)
{
    private SessionToken? _current;
    private RegionTarget? _fetchedFor;
    private bool _isUsed;
    private bool _isRenewed;

    /// <summary>The token to try in a region: the one not used yet, else one fetched before, else a new one.</summary>
    /// <exception cref="MotionServerException">The token was refused or did not come in time.</exception>
    public async Task<SessionToken> GetAsync(RegionTarget target, CancellationToken cancellationToken)
    {
        if (_current is not null && (!_isUsed || reuses))
        {
            return _current;
        }

        _isUsed = false;
        _fetchedFor = null;
        _current = _isRenewed ? null : stock.Take();
        bool fromStock = _current is not null;
        if (_current is null)
        {
            _current = await stock.FetchAsync(target, cancellationToken).ConfigureAwait(false);
            _fetchedFor = target;
        }

        TokenTelemetry.RecordHandedOut(fromStock);
        return _current;
    }

    /// <summary>The current token has opened a WebSocket.</summary>
    public void Use() => _isUsed = true;

    /// <summary>The current token was refused in a region.</summary>
    /// <returns>Whether a fresh one may do: once, and not where the refused one was as fresh as can be.</returns>
    public bool Refuse(RegionTarget target)
    {
        if (_current is not null)
        {
            stock.Refuse(_current);
            _current = null;
        }

        bool canRenew = !_isRenewed && _fetchedFor != target;
        _isRenewed = true;
        return canRenew;
    }
}
