using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MotionGateway.EdgeRelay;

/// <summary>Who may connect at all, before anything is spent on a connection: by origin, by address, and while there is room.</summary>
internal sealed class ViewerAdmission(
    IOptionsMonitor<EdgeRelayOptions> options, ViewerRegistry registry, RelayMetrics metrics, TimeProvider timeProvider)
{
    /// <summary>When to come again after connecting too fast.</summary>
    public static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(1);

    /// <summary>When to come again where somebody has to leave first.</summary>
    public static readonly TimeSpan LongPause = TimeSpan.FromSeconds(30);

    private readonly AddressBounds _addresses = new(options, timeProvider);
    private readonly IPNetwork[] _proxies = [.. options.CurrentValue.TrustedProxies.Select(ParseNetwork).OfType<IPNetwork>()];

    /// <summary>Admits a connection, or says why not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="place">The connection's place, to be disposed when it has ended; null when it is refused.</param>
    /// <returns>Why it is refused; null when it is admitted.</returns>
    public AdmissionRefusal? TryAdmit(HttpContext context, out IDisposable? place)
    {
        place = null;
        return Note(CheckOrigin(context) ?? CheckRoom() ?? TryEnter(context, isRated: true, out place));
    }

    /// <summary>Admits a request that opens no feed, also while the relay is full or shuts down, or says why not.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isRated">Whether it costs more than its viewer's own bounds allow for, and counts like a connection.</param>
    /// <param name="place">The request's place, to be disposed when it has been answered; null when it is refused.</param>
    /// <returns>Why it is refused; null when it is admitted.</returns>
    public AdmissionRefusal? TryAdmitRequest(HttpContext context, bool isRated, out IDisposable? place)
    {
        place = null;
        return Note(CheckOrigin(context) ?? TryEnter(context, isRated, out place));
    }

    /// <summary>An address, or the addresses of a network as <c>10.0.0.0/8</c>; null when it is neither.</summary>
    public static IPNetwork? ParseNetwork(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : null;

    private AdmissionRefusal? TryEnter(HttpContext context, bool isRated, out IDisposable? place)
    {
        place = null;
        if (FindAddress(context) is { } address)
        {
            if (_addresses.TryEnter(address, isRated) is { } pause)
            {
                return new(StatusCodes.Status429TooManyRequests, "Too many connections come from this address. Try again later.", pause);
            }

            place = new Place(_addresses, address);
        }

        return null;
    }

    private AdmissionRefusal? Note(AdmissionRefusal? refusal)
    {
        if (refusal is not null)
        {
            metrics.ConnectionRefused(refusal.Status);
        }

        return refusal;
    }

    private AdmissionRefusal? CheckOrigin(HttpContext context) => IsAllowedOrigin(context.Request.Headers.Origin)
        ? null
        : new(StatusCodes.Status403Forbidden, "Pages of this origin may not open feeds here.", RetryAfter: null);

    private AdmissionRefusal? CheckRoom()
    {
        if (registry.IsStopping)
        {
            return new(StatusCodes.Status503ServiceUnavailable, "The relay shuts down. Connect again.", ShortPause);
        }

        return registry.IsFull
            ? new(StatusCodes.Status503ServiceUnavailable, "The relay has as many viewers as it may have. Try again later.", LongPause)
            : null;
    }

    private bool IsAllowedOrigin(StringValues origin)
    {
        var allowed = options.CurrentValue.AllowedOrigins;
        return StringValues.IsNullOrEmpty(origin) || allowed.Count == 0
            || (origin.Count == 1 && allowed.Contains(origin[0]!, StringComparer.OrdinalIgnoreCase));
    }

    // Null for what comes from this machine, or from a proxy that does not say for whom: nobody can be told from another there.
    private IPAddress? FindAddress(HttpContext context)
    {
        var peer = Read(context.Connection.RemoteIpAddress);
        if (peer is null || !IsProxy(peer))
        {
            return peer;
        }

        // Each proxy adds the address that it saw at the end; only what ours have added is to be believed.
        string[] forwarded = context.Request.Headers["X-Forwarded-For"].ToString()
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        for (int i = forwarded.Length - 1; i >= 0; i--)
        {
            if (!IPAddress.TryParse(forwarded[i], out var address))
            {
                return null;
            }

            if (!IsProxy(Read(address)!))
            {
                return Read(address);
            }
        }

        return null;
    }

    private static IPAddress? Read(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    private bool IsProxy(IPAddress address) => IPAddress.IsLoopback(address) || Array.Exists(_proxies, proxy => proxy.Contains(address));

    private sealed class Place(AddressBounds addresses, IPAddress address) : IDisposable
    {
        private bool _isLeft;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _isLeft, true))
            {
                addresses.Leave(address);
            }
        }
    }
}
