namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>What a cassette holds, in the form in which it is replayed.</summary>
/// <param name="Tokens">Answers to token requests; null stands for a token.</param>
/// <param name="Connections">Requested upgrades, in order.</param>
internal sealed record Cassette(IReadOnlyList<RecordedRefusal?> Tokens, IReadOnlyList<RecordedConnection> Connections);

/// <summary>An answer over HTTP that is no success.</summary>
internal sealed record RecordedRefusal(int Status, string? ContentType, string? RetryAfter, string? Location, byte[] Body);

/// <summary>One upgrade and what came of it.</summary>
internal sealed record RecordedConnection
{
    /// <summary>Its number in the cassette.</summary>
    public required int Number { get; init; }

    /// <summary>The answer to the upgrade, if that was not 101.</summary>
    public RecordedRefusal? Refusal { get; init; }

    /// <summary>The id that its server gave it; empty if none.</summary>
    public string ConnectionId { get; set; } = "";

    /// <summary>Hertz; 0 without a configuration.</summary>
    public int SampleRate { get; set; }

    /// <summary>What the server said before the client's configuration.</summary>
    public RecordedRequest Opening { get; } = new("");

    /// <summary>What it said after the configuration and before any audio.</summary>
    public RecordedRequest Handshake { get; } = new("");

    /// <summary>The client's requests, in the order of their first audio.</summary>
    public List<RecordedRequest> Requests { get; } = [];
}

/// <summary>What the server said about one request, in order.</summary>
/// <param name="Id">The recorded <c>req_id</c>.</param>
internal sealed record RecordedRequest(string Id)
{
    public List<RecordedEvent> Events { get; } = [];
}

internal enum EventKind
{
    Message,
    Text,
    Close,
    Cut,
}

internal enum AnchorKind
{
    /// <summary>So many bytes of the request's audio had come.</summary>
    Audio,

    /// <summary>The request's audio had ended.</summary>
    End,

    /// <summary>So many interrupts had come.</summary>
    Interrupt,
    Pause,
    Resume,
}

/// <summary>The last thing that the client had said before the server did something.</summary>
internal readonly record struct Anchor(AnchorKind Kind, long Value);

/// <summary>Something that the server did.</summary>
internal sealed record RecordedEvent
{
    public required EventKind Kind { get; init; }

    public required Anchor Anchor { get; init; }

    /// <summary>Time after the anchor; for audio, after the request's first audio.</summary>
    public required TimeSpan Delay { get; init; }

    public byte[] Data { get; init; } = [];

    public int Code { get; init; }

    public string Reason { get; init; } = "";
}
