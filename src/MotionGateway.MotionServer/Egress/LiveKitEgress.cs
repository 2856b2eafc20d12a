using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Publishes into a LiveKit room.</summary>
public sealed class LiveKitEgress : MotionEgress
{
    private const int ShortestQuerySecret = 8;

    private readonly (string Token, string Key, string Secret) _credentials;

    /// <summary>Publishes into a room by a join token that allows publishing there. Preferred: it opens one room, and expires.</summary>
    /// <param name="url">The LiveKit server (ws, wss, http or https).</param>
    /// <param name="roomName">The room to join.</param>
    /// <param name="publisherId">The identity to publish as.</param>
    /// <param name="token">The token; a secret.</param>
    /// <exception cref="ArgumentException">A text is empty, or the URL is none.</exception>
    public LiveKitEgress(Uri url, string roomName, string publisherId, string token)
        : this(url, roomName, publisherId, (token, "", "")) => ArgumentException.ThrowIfNullOrWhiteSpace(token);

    /// <summary>Publishes into a room by API key and secret of the LiveKit server, which the service has deprecated.</summary>
    /// <param name="url">The LiveKit server (ws, wss, http or https).</param>
    /// <param name="roomName">The room to join.</param>
    /// <param name="publisherId">The identity to publish as.</param>
    /// <param name="key">The API key.</param>
    /// <param name="secret">The API secret.</param>
    /// <exception cref="ArgumentException">A text is empty, or the URL is none.</exception>
    public LiveKitEgress(Uri url, string roomName, string publisherId, string key, string secret)
        : this(url, roomName, publisherId, ("", key, secret))
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentException.ThrowIfNullOrWhiteSpace(secret);
    }

    private LiveKitEgress(Uri url, string roomName, string publisherId, (string, string, string) credentials)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentException.ThrowIfNullOrWhiteSpace(roomName);
        ArgumentException.ThrowIfNullOrWhiteSpace(publisherId);
        if (!url.IsAbsoluteUri || url.Scheme is not ("ws" or "wss" or "http" or "https"))
        {
            throw new ArgumentException("The LiveKit URL must be absolute, with ws, wss, http or https.", nameof(url));
        }

        (Url, RoomName, PublisherId, _credentials) = (url, roomName, publisherId, credentials);
    }

    /// <summary>The LiveKit server.</summary>
    public Uri Url { get; }

    /// <summary>The room to join.</summary>
    public string RoomName { get; }

    /// <summary>The identity to publish as.</summary>
    public string PublisherId { get; }

    /// <summary>Attributes of the publishing participant. Default none.</summary>
    public IReadOnlyDictionary<string, string> ExtraAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>How long without audio until the service leaves the room: whole seconds, from 1 on. Zero (the default) leaves it to the service.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, no whole number of seconds, or more than 2,147,483,647 of them.</exception>
    public TimeSpan IdleTimeout
    {
        get;
        init
        {
            // Rounded down, less than a second would be zero, which means something else.
            if (value < TimeSpan.Zero || value.TotalSeconds > int.MaxValue || value.Ticks % TimeSpan.TicksPerSecond != 0)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "The time limit for silence must be whole seconds, from 1 on, or zero.");
            }

            field = value;
        }
    }

    internal override IEnumerable<string> Secrets =>
        new[] { _credentials.Token, _credentials.Key, _credentials.Secret }.Concat(UrlSecrets()).Where(secret => secret.Length > 0);

    /// <summary>The room; never a credential.</summary>
    public override string ToString() => $"LiveKitEgress {{ RoomName = {RoomName}, PublisherId = {PublisherId} }}";

    // User and password as they are, since escaped ones are found by that; and what a query may hold besides small switches.
    private IEnumerable<string> UrlSecrets() => Url.UserInfo.Split(':', 2)
        .Concat(Url.Query.Split('?', '&').Select(parameter => parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..]).Where(value => value.Length >= ShortestQuerySecret))
        .Select(Uri.UnescapeDataString);

    internal override void WriteTo(ClientConfigureSession configuration)
    {
        configuration.EgressType = EgressType.Livekit;
        configuration.LivekitEgress = new LiveKitEgressConfig
        {
            Url = Url.OriginalString,
            RoomName = RoomName,
            PublisherId = PublisherId,
            ApiToken = _credentials.Token,
#pragma warning disable CS0612 // The service has deprecated the pair, and callers that have no token service still need it.
            ApiKey = _credentials.Key,
            ApiSecret = _credentials.Secret,
#pragma warning restore CS0612
            IdleTimeout = (int)IdleTimeout.TotalSeconds,
            ExtraAttributes = { ExtraAttributes.ToDictionary() },
        };
    }
}
