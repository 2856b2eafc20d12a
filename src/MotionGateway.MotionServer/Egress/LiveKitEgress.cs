using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Publishes into a LiveKit room, with a join token or, deprecated by the service, with the room's API key and secret.</summary>
public sealed class LiveKitEgress : MotionEgress
{
    /// <summary>Publishes with a join token that allows publishing into the room.</summary>
    /// <param name="url">The LiveKit server (ws, wss, http or https).</param>
    /// <param name="roomName">The room to join.</param>
    /// <param name="publisherId">The identity to publish as.</param>
    /// <param name="apiToken">The join token; a secret.</param>
    /// <exception cref="ArgumentException">A text is empty, or the URL is none.</exception>
    public LiveKitEgress(Uri url, string roomName, string publisherId, string apiToken)
        : this(url, roomName, publisherId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(apiToken);
        ApiToken = apiToken;
    }

    /// <summary>Publishes with the API key and secret of the LiveKit server. Prefer a join token: it opens one room, and expires.</summary>
    /// <param name="url">The LiveKit server (ws, wss, http or https).</param>
    /// <param name="roomName">The room to join.</param>
    /// <param name="publisherId">The identity to publish as.</param>
    /// <param name="apiKey">The API key.</param>
    /// <param name="apiSecret">The API secret.</param>
    /// <exception cref="ArgumentException">A text is empty, or the URL is none.</exception>
    public LiveKitEgress(Uri url, string roomName, string publisherId, string apiKey, string apiSecret)
        : this(url, roomName, publisherId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(apiKey);
        ArgumentException.ThrowIfNullOrWhiteSpace(apiSecret);
        ApiKey = apiKey;
        ApiSecret = apiSecret;
    }

    private LiveKitEgress(Uri url, string roomName, string publisherId)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentException.ThrowIfNullOrWhiteSpace(roomName);
        ArgumentException.ThrowIfNullOrWhiteSpace(publisherId);
        if (!url.IsAbsoluteUri || url.Scheme is not ("ws" or "wss" or "http" or "https"))
        {
            throw new ArgumentException("The LiveKit URL must be absolute, with ws, wss, http or https.", nameof(url));
        }

        Url = url;
        RoomName = roomName;
        PublisherId = publisherId;
    }

    /// <summary>The LiveKit server.</summary>
    public Uri Url { get; }

    /// <summary>The room to join.</summary>
    public string RoomName { get; }

    /// <summary>The identity to publish as.</summary>
    public string PublisherId { get; }

    /// <summary>Attributes of the publishing participant. Default none.</summary>
    public IReadOnlyDictionary<string, string> ExtraAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>How long without audio until the service leaves the room, in whole seconds. Zero (the default) leaves it to the service.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan IdleTimeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    }

    internal string? ApiToken { get; }

    internal string? ApiKey { get; }

    internal string? ApiSecret { get; }

    internal override IEnumerable<string> Secrets => new[] { ApiToken, ApiKey, ApiSecret }.OfType<string>();

    /// <summary>The room; never a credential.</summary>
    public override string ToString() => $"LiveKitEgress {{ RoomName = {RoomName}, PublisherId = {PublisherId} }}";

    internal override void WriteTo(ClientConfigureSession configuration)
    {
        configuration.EgressType = EgressType.Livekit;
        configuration.LivekitEgress = new LiveKitEgressConfig
        {
            Url = Url.OriginalString,
            RoomName = RoomName,
            PublisherId = PublisherId,
            ApiToken = ApiToken ?? "",
#pragma warning disable CS0612 // The service has deprecated the pair, and callers that have no token service still need it.
            ApiKey = ApiKey ?? "",
            ApiSecret = ApiSecret ?? "",
#pragma warning restore CS0612
            IdleTimeout = (int)IdleTimeout.TotalSeconds,
            ExtraAttributes = { ExtraAttributes.ToDictionary() },
        };
    }
}
