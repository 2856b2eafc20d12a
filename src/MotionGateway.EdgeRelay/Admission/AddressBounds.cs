using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MotionGateway.Feeds;

namespace MotionGateway.EdgeRelay;

/// <summary>How many connections and requests an address has, and how fast it makes them. Of IPv6, the first 64 bits are one address.</summary>
internal sealed class AddressBounds(IOptionsMonitor<EdgeRelayOptions> options, TimeProvider timeProvider)
{
    // Addresses that have gone are forgotten once in so many connections.
    private const int SweepEvery = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Address> _addresses = [];
    private int _untilSweep = SweepEvery;

    /// <summary>Counts a connection; <see cref="Leave"/> takes it back.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="isRated">Whether it counts among those of a second.</param>
    /// <returns>When to come again; null when the connection is admitted.</returns>
    public TimeSpan? TryEnter(IPAddress address, bool isRated)
    {
        lock (_lock)
        {
            SweepLocked();
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_addresses, Normalize(address), out _);
            known ??= new Address(CreateRate());
            int most = options.CurrentValue.MaxConnectionsPerAddress;
            if (most > 0 && known.Connections >= most)
            {
                return ViewerAdmission.LongPause;
            }

            if (isRated && known.Rate?.TryTake() == false)
            {
                return ViewerAdmission.ShortPause;
            }

            known.Connections++;
            return null;
        }
    }

    public void Leave(IPAddress address)
    {
        lock (_lock)
        {
            _addresses[Normalize(address)].Connections--;
        }
    }

    private static IPAddress Normalize(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private TokenBucket? CreateRate() =>
        options.CurrentValue.ConnectionsPerSecondPerAddress is > 0 and var rate ? new TokenBucket(rate, timeProvider) : null;

    private void SweepLocked()
    {
        if (--_untilSweep > 0)
        {
            return;
        }

        _untilSweep = Math.Max(SweepEvery, _addresses.Count);
        foreach (var (address, known) in _addresses)
        {
            if (known.Connections == 0 && known.Rate?.IsFull != false)
            {
                _addresses.Remove(address);
            }
        }
    }

    private sealed class Address(TokenBucket? rate)
    {
        public TokenBucket? Rate { get; } = rate;

        public int Connections { get; set; }
    }
}
