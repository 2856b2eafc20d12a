namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A kind of feed, and what it has by its nature.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Connect">Connects a client, which has been told nothing yet.</param>
internal sealed record FeedKind(string Name, Func<SessionUnderTest, FeedRequest, Task<FeedClient>> Connect)
{
    /// <summary>Every kind.</summary>
    public static IReadOnlyList<FeedKind> All { get; } =
    [
        new("gRPC", SubscribeClient.ConnectAsync) { IsAtGateway = true },
        new("WebSocket", (session, request) => WebSocketClient.ConnectAsync(session, request, json: false)),
        new("WebSocket JSON", (session, request) => WebSocketClient.ConnectAsync(session, request, json: true)),
        new("SSE", EventStreamFeedClient.ConnectAsync) { Acknowledges = false, RenewsTokens = false },
        new("A agent", (session, request) => AgentClient.ConnectAsync(session, request, isOlder: false)) { IsPublished = true },
        new("B older agent", (session, request) => AgentClient.ConnectAsync(session, request, isOlder: true)) { IsPublished = true },
        new("C host", HostJsonClient.ConnectAsync) { IsPublished = true, TellsOpening = false, TellsNews = false },
        new("D host binary", (session, request) => HostBinaryClient.ConnectAsync(session, request, isRaw: false))
        {
            IsPublished = true,
            TellsNews = false,
            IsOneTurn = true,
        },
        new("D' host raw", (session, request) => HostBinaryClient.ConnectAsync(session, request, isRaw: true))
        {
            IsPublished = true,
            TellsNews = false,
            IsOneTurn = true,
        },
    ];

    /// <summary>Whether it is served by a gateway; else by a relay.</summary>
    public bool IsAtGateway { get; init; }

    /// <summary>Whether it is a feed of published clients: they know no positions, no acknowledgements and no tokens.</summary>
    public bool IsPublished { get; init; }

    /// <summary>Whether a client says what it has processed.</summary>
    public bool Acknowledges { get => field && !IsPublished; init; } = true;

    /// <summary>Whether a token can be renewed on the feed.</summary>
    public bool RenewsTokens { get => field && !IsPublished; init; } = true;

    /// <summary>Whether the client is told when its feed is open.</summary>
    public bool TellsOpening { get; init; } = true;

    /// <summary>Whether the client is told of interrupts, and of the gateway's loss.</summary>
    public bool TellsNews { get; init; } = true;

    /// <summary>Whether the feed is over after one turn.</summary>
    public bool IsOneTurn { get; init; }

    /// <summary>Begins a session for a client of this kind.</summary>
    public Task<SessionUnderTest> BeginAsync() => IsAtGateway ? GatewaySession.BeginAsync() : RelaySession.BeginAsync();

    /// <summary>Connects a client, and waits until its feed is open.</summary>
    public async Task<FeedClient> OpenAsync(SessionUnderTest session, FeedRequest request)
    {
        var client = await Connect(session, request);
        if (TellsOpening)
        {
            await client.UntilAsync(FeedSign.Opened);
        }
        else
        {
            var test = ((RelaySession)session).Test;
            await RelayUnderTest.UntilAsync(() => test.ViewerCount > 0, "the client was let in");
        }

        return client;
    }
}
