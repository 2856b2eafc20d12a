using System.Buffers.Text;
using System.Security.Cryptography;

namespace MotionGateway.LocalMotion.Tokens;

internal enum TokenState
{
    Unknown,
    Valid,
    Expired,
}

/// <summary>
/// The tokens handed out. One that has expired is remembered for an hour, so that it is refused as expired and not as unknown;
/// when there are too many, the one that expires first goes.
/// </summary>
internal sealed class SessionTokenStore(int capacity, TimeProvider timeProvider)
{
    private static readonly TimeSpan RememberedAfterExpiry = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _expiries = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _byExpiry = new();

    public DateTimeOffset Now => timeProvider.GetUtcNow();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _expiries.Count;
            }
        }
    }

    public string Issue(DateTimeOffset expiry)
    {
        string token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        lock (_gate)
        {
            DropForgettable();
            _expiries[token] = expiry;
            _byExpiry.Enqueue(token, expiry);
        }

        return token;
    }

    public TokenState Check(string token)
    {
        lock (_gate)
        {
            DropForgettable(room: 0);
            return !_expiries.TryGetValue(token, out DateTimeOffset expiry) ? TokenState.Unknown
                : expiry <= Now ? TokenState.Expired
                : TokenState.Valid;
        }
    }

    private void DropForgettable(int room = 1)
    {
        DateTimeOffset limit = Now - RememberedAfterExpiry;
        while (_byExpiry.TryPeek(out string? token, out DateTimeOffset expiry) && (expiry <= limit || _expiries.Count + room > capacity))
        {
            _byExpiry.Dequeue();
            _expiries.Remove(token);
        }
    }
}
