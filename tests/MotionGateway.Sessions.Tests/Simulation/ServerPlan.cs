using MotionGateway.MotionServer;

namespace MotionGateway.Sessions.Tests.Simulation;

/// <summary>What goes wrong with one request.</summary>
internal enum RequestFault
{
    None,

    /// <summary>One message is not sent.</summary>
    Missing,

    /// <summary>The last keyframes of one message are missing.</summary>
    Truncated,

    /// <summary>One message is sent twice.</summary>
    Duplicate,

    /// <summary>One message says that it is the last, and is.</summary>
    EarlyEnd,

    /// <summary>Nothing comes from one message on.</summary>
    Stall,

    /// <summary>An error about the request is reported instead of one message; a new try may help.</summary>
    Report,

    /// <summary>The same, and nothing helps.</summary>
    ReportForGood,

    /// <summary>Keyframes that cannot be parsed.</summary>
    Malformed,
}

/// <summary>How the simulated Motion Server treats one request.</summary>
internal sealed record RequestPlan
{
    public RequestFault Fault { get; init; }

    /// <summary>Number of the message that it befalls, from 0.</summary>
    public int At { get; init; }

    /// <summary>Keyframes of the first segment, and of each further one.</summary>
    public (int First, int Further) Segments { get; init; } = (50, 100);

    /// <summary>How long a segment takes.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Keyframes by which the end falls short, which is no fault up to the tolerance.</summary>
    public int Shortfall { get; init; }

    /// <summary>Makes the same speech give another motion than in another request; 0: it gives the same.</summary>
    public long Salt { get; init; }

    /// <summary>How long it takes to send speech.</summary>
    public TimeSpan SendTime { get; init; }
}

/// <summary>How the simulated Motion Server treats one connection.</summary>
internal sealed record LegPlan
{
    public TimeSpan ConnectTime { get; init; }

    /// <summary>With a connection that cannot be made: why.</summary>
    public MotionServerErrorCode? Refusal { get; init; }

    /// <summary>How long it lasts; null: for ever.</summary>
    public TimeSpan? Life { get; init; }

    /// <summary>What its end is; null: a normal close.</summary>
    public MotionServerErrorCode? End { get; init; } = MotionServerErrorCode.ConnectionClosed;

    /// <summary>How long it takes to answer a close.</summary>
    public TimeSpan GoodbyeTime { get; init; }
}
