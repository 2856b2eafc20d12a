using System.Net;
using Microsoft.Extensions.Logging;
using MotionGateway.LocalMotion.Cassettes;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.LocalMotion.Motion;

namespace MotionGateway.LocalMotion;

/// <summary>How a <see cref="LocalMotionServer"/> listens, what it knows and where its limits are.</summary>
public sealed class LocalMotionServerOptions
{
    /// <summary>The API key of a server that was given none.</summary>
    public const string DefaultApiKey = "local-key";

    /// <summary>The App ID of a server that was given none.</summary>
    public const string DefaultAppId = "local-app";

    // What is read of it is one array, and a WAV file tells its length in 32 bits.
    private const int MaxKeptEgressBytesPerRequest = 1024 * 1024 * 1024;

    /// <summary>The one app that the server knows. Default: <c>local-app</c>.</summary>
    public string AppId { get; set; } = DefaultAppId;

    /// <summary>The app's API key. Default: <c>local-key</c>. Keys that begin with <c>fault-token-</c> are kept for faults. It opens the control API too.</summary>
    public string ApiKey { get; set; } = DefaultApiKey;

    /// <summary>Addresses to listen on, separated by <c>;</c>, plain <c>http</c> only. Null (default): 127.0.0.1 at <see cref="Port"/>.</summary>
    public string? Urls { get; set; }

    /// <summary>TCP port on 127.0.0.1, used without <see cref="Urls"/>. 0 (default): any free port.</summary>
    public int Port { get; set; }

    /// <summary>Allows <see cref="Urls"/> beyond loopback while the API key is the public default. Default: false.</summary>
    public bool AllowRemoteClientsWithDefaultKey { get; set; }

    /// <summary>Where logs go. Null (default): nowhere. The server does not dispose it.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock of token expiry, pacing and time limits. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Sees the speech and the motion of all connections. Null (default): nobody does. The server does not dispose it.</summary>
    public IMotionObserver? Observer { get; set; }

    /// <summary>When motion is sent. Default: <see cref="ProcessingPace.AsFastAsPossible"/>.</summary>
    public ProcessingPace Pace { get; set; }

    /// <summary>Whether speech that comes at the pace of speech is answered sooner than in whole segments. Default: <see cref="MotionSegments.Adaptive"/>.</summary>
    public MotionSegments Segments { get; set; }

    /// <summary>Media time of a request's first motion message at most; a multiple of 40 ms. Default: 2 s, as the real service has it.</summary>
    public TimeSpan FirstSegment { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Media time of each further motion message at most; a multiple of 40 ms. Default: 4 s, as the real service has it.</summary>
    public TimeSpan NextSegments { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>WebSocket connections at one time; up to 64 more are ended with code 4003, others refused with status 503. Default: 64.</summary>
    public int MaxConnections { get; set; } = 64;

    /// <summary>Session tokens remembered; beyond it the one that expires first is forgotten. Default: 10000.</summary>
    public int MaxTokens { get; set; } = 10_000;

    /// <summary>Bytes of audio that one connection may have waiting for their motion. Default: 16 MiB.</summary>
    public int MaxBufferedAudioBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Requests that one connection may have in work. Default: 64.</summary>
    public int MaxOpenRequests { get; set; } = 64;

    /// <summary>Audio of one request, in media time. Default: 10 minutes.</summary>
    public TimeSpan MaxRequestDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Messages that wait to be written on one connection; when full, work on motion waits. Default: 16.</summary>
    public int SendQueueMessages { get; set; } = 16;

    /// <summary>Time for one message to be taken by the network, after which the connection is cut. Default: 30 s.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for the client's configuration to arrive. Default: 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for the client to answer a close. Default: 5 s.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time without audio, motion or (with egress) playback after which a connection is ended. Null: never. Default: 5 minutes.</summary>
    public TimeSpan? IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a session may last, from its confirmation; it is then ended with code 4002, which clients expect. Null (default): for ever.</summary>
    public TimeSpan? MaxSessionDuration { get; set; }

    /// <summary>
    /// Credits of all sessions of this server together. Each session uses one for every 6 s that it has begun, from its confirmation on and
    /// silence included; when none is left it is ended with code 4001. A connection needs 10 to be opened. Null (default): no end.
    /// </summary>
    public int? Credits { get; set; }

    /// <summary>How late those faults are that are only slow. Default: 2 s.</summary>
    public TimeSpan FaultDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether Ogg Opus is decoded, so that motion follows the sound. Default: true. With false motion has the right length, and the
    /// face is at rest.
    /// </summary>
    public bool DecodeOpus { get; set; } = true;

    /// <summary>What becomes of LiveKit and Agora egress. Default: <see cref="EgressSupport.PlaybackControl"/>.</summary>
    public EgressSupport Egress { get; set; }

    /// <summary>
    /// The secret that LiveKit's tokens have to be signed with. Null (default): their signature is not looked at, only whether they are
    /// well-formed, in force and good for the room.
    /// </summary>
    public string? LiveKitApiSecret { get; set; }

    /// <summary>Time that a playback in egress mode may be paused before it is interrupted (<c>pause_timeout</c>). Default: 1 minute.</summary>
    public TimeSpan PauseTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bytes of audio that are kept for inspection of a request with egress, and as many of its motion, each message with 64 bytes more
    /// that it takes in memory. What is beyond is counted and left out. 0: no media are kept. At most 1 GiB. Default: 4 MiB.
    /// </summary>
    public int KeptEgressBytesPerRequest { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes of memory that hold audio and motion for inspection in all. When there are more, the media of the oldest request go. 0: no media
    /// are kept. Default: 64 MiB.
    /// </summary>
    public long KeptEgressBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Null (default), or: record another Motion Server instead of being one.</summary>
    public RecordingOptions? Record { get; set; }

    /// <summary>
    /// Path of a cassette, or of a recording in its JSON form, to answer from; read whole at the start. Null (default): motion is made
    /// from the sound. With <see cref="ProcessingPace.RealTime"/> it is replayed at the recorded pace, else at once.
    /// </summary>
    public string? Replay { get; set; }

    internal string EffectiveUrls => Urls ?? FormattableString.Invariant($"http://127.0.0.1:{Port}");

    internal LocalMotionServerOptions Copy()
    {
        var copy = (LocalMotionServerOptions)MemberwiseClone();
        copy.Record = Record?.Copy();
        return copy;
    }

    /// <summary>Everything that is wrong with the options: a sentence each, which begins with the option's name. Empty when nothing is.</summary>
    public IReadOnlyList<string> Validate() => [.. FindErrors()];

    private IEnumerable<string> FindErrors()
    {
        if (string.IsNullOrWhiteSpace(AppId))
        {
            yield return $"{nameof(AppId)} is empty.";
        }

        if (string.IsNullOrWhiteSpace(ApiKey) || ApiKey.StartsWith("fault-token-", StringComparison.Ordinal))
        {
            yield return $"{nameof(ApiKey)} is empty or begins with fault-token-.";
        }

        if (Port is < 0 or > 65535)
        {
            yield return $"{nameof(Port)} is not within 0 and 65535.";
        }

        if (TimeProvider is null)
        {
            yield return $"{nameof(TimeProvider)} is null.";
        }

        if (Record is not null && Replay is not null)
        {
            yield return $"{nameof(Record)} and {nameof(Replay)} exclude each other.";
        }

        foreach (string error in FindUrlErrors().Concat(FindLimitErrors()).Concat(Record?.FindErrors() ?? []))
        {
            yield return error;
        }
    }

    private IEnumerable<string> FindUrlErrors()
    {
        foreach (string url in EffectiveUrls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Kestrel also takes * and + for a host, which Uri does not.
            string comparable = url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
            if (!Uri.TryCreate(comparable, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
            {
                yield return $"{nameof(Urls)} holds '{url}', which is no http URL.";
            }
            else if (uri.Scheme == Uri.UriSchemeHttps)
            {
                yield return $"{nameof(Urls)} holds '{url}', but the server has no TLS of its own: listen on http, with a proxy that does TLS in front of it.";
            }
            else if (uri is { Host: "localhost", Port: 0 })
            {
                yield return $"{nameof(Urls)} holds '{url}', but a free port can only be had at an address: write http://127.0.0.1:0 or http://[::1]:0.";
            }
            else if (!IsLoopback(uri) && ApiKey == DefaultApiKey && !AllowRemoteClientsWithDefaultKey)
            {
                yield return $"{nameof(Urls)} reaches beyond loopback while {nameof(ApiKey)} is the public default; set another key or {nameof(AllowRemoteClientsWithDefaultKey)}.";
            }
        }
    }

    // Kestrel takes a name that is not localhost for every interface, even one that Uri calls loopback.
    private static bool IsLoopback(Uri uri) => uri.Host == "localhost" || (IPAddress.TryParse(uri.Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private IEnumerable<string> FindLimitErrors()
    {
        (string Name, long Value)[] counts =
        [
            (nameof(MaxConnections), MaxConnections), (nameof(MaxTokens), MaxTokens), (nameof(MaxBufferedAudioBytes), MaxBufferedAudioBytes),
            (nameof(MaxOpenRequests), MaxOpenRequests), (nameof(SendQueueMessages), SendQueueMessages), (nameof(Credits), Credits ?? 1),
        ];
        (string Name, TimeSpan Value)[] times =
        [
            (nameof(MaxRequestDuration), MaxRequestDuration), (nameof(WriteTimeout), WriteTimeout), (nameof(HandshakeTimeout), HandshakeTimeout),
            (nameof(CloseTimeout), CloseTimeout), (nameof(PauseTimeout), PauseTimeout), (nameof(IdleTimeout), IdleTimeout ?? TimeSpan.FromDays(1)),
            (nameof(MaxSessionDuration), MaxSessionDuration ?? TimeSpan.FromDays(1)),
            (nameof(FaultDelay), FaultDelay),
        ];
        (string Name, TimeSpan Value)[] segments = [(nameof(FirstSegment), FirstSegment), (nameof(NextSegments), NextSegments)];
        (string Name, long Value)[] amounts = [(nameof(KeptEgressBytesPerRequest), KeptEgressBytesPerRequest), (nameof(KeptEgressBytes), KeptEgressBytes)];
        return counts.Where(count => count.Value <= 0).Select(count => $"{count.Name} is not positive.")
            .Concat(amounts.Where(amount => amount.Value < 0).Select(amount => $"{amount.Name} is negative."))
            .Concat(KeptEgressBytesPerRequest > MaxKeptEgressBytesPerRequest
                ? [$"{nameof(KeptEgressBytesPerRequest)} is greater than {MaxKeptEgressBytesPerRequest} (1 GiB)."]
                : [])
            .Concat(times.Where(time => time.Value <= TimeSpan.Zero || time.Value > TimeSpan.FromDays(1)).Select(time => $"{time.Name} is not within 0 and one day."))
            .Concat(segments
                .Where(segment => segment.Value <= TimeSpan.Zero || segment.Value > TimeSpan.FromMinutes(1) || segment.Value.Ticks % MotionTimeline.TicksPerKeyframe != 0)
                .Select(segment => $"{segment.Name} is not a multiple of 40 ms within one minute."));
    }
}
