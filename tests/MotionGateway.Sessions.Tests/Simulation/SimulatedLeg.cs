using MotionGateway.MotionServer;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>A connection to the simulated Motion Server, with the Server SDK's promises.</summary>
internal sealed class SimulatedLeg : IMotionConnection
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SimulatedRequest> _requests = [];
    private readonly ITimer? _life;
    private bool _isClosing;

    public SimulatedLeg(SimulatedMotionServer server, string id, LegPlan plan, int bytesPerKeyframe)
    {
        Server = server;
        ConnectionId = id;
        Plan = plan;
        BytesPerKeyframe = bytesPerKeyframe;
        _life = plan.Life is { } life
            ? server.World.Time.CreateTimer(_ => End(plan.End), null, life, Timeout.InfiniteTimeSpan)
            : null;
    }

    public SimulatedMotionServer Server { get; }

    public LegPlan Plan { get; }

    public int BytesPerKeyframe { get; }

    public string ConnectionId { get; }

    public string? Region => null;

    public IReadOnlyList<string> Capabilities { get; init; } = [];

    public int UnreadableMessages { get; set; }

    public Task Completion => _completion.Task;

    /// <summary>It is there, and nobody has asked to close it.</summary>
    public bool IsOpen => !_isClosing && !IsEnded;

    public bool IsEnded { get; private set; }

    /// <summary>Requests of it that are under way.</summary>
    public int OpenRequests => _requests.Count(request => !request.IsOver);

    public MotionServerException? Failure { get; private set; }

    public IMotionRequest StartRequest(string? requestId = null)
    {
        ThrowIfEnded(MotionServerPhase.WebSocketRuntime);
        var request = new SimulatedRequest(this, requestId ?? $"{ConnectionId}-{_requests.Count}");
        _requests.Add(request);
        return request;
    }

    public IAsyncEnumerable<PlaybackUpdate> ReadPlaybackAsync(CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (!_isClosing)
        {
            _isClosing = true;
            if (Plan.GoodbyeTime > TimeSpan.Zero && !IsEnded)
            {
                await Task.Delay(Plan.GoodbyeTime, Server.World.Time, CancellationToken.None);
            }

            End(code: null);
        }

        await Completion;
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    /// <summary>The server ends it.</summary>
    /// <param name="code">Why; null: normally.</param>
    public void End(MotionServerErrorCode? code)
    {
        if (IsEnded)
        {
            return;
        }

        IsEnded = true;
        _life?.Dispose();
        Failure = code is { } error
            ? new MotionServerException(error, MotionServerPhase.WebSocketRuntime, "The simulated server ended the connection.") { ConnectionId = ConnectionId }
            : null;
        foreach (var request in _requests)
        {
            request.Finish(Failure ?? Closed(MotionServerPhase.WebSocketRuntime));
        }

        if (Failure is null)
        {
            _completion.SetResult();
        }
        else
        {
            _completion.SetException(Failure);
        }
    }

    public void ThrowIfEnded(MotionServerPhase phase)
    {
        if (IsEnded)
        {
            throw Failure ?? Closed(phase);
        }
    }

    private static MotionServerException Closed(MotionServerPhase phase) =>
        new(MotionServerErrorCode.ConnectionClosed, phase, "The connection has ended.");
}
