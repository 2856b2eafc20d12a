using System.Text;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Conformance;

/// <summary>A client of one kind of feed, step by step.</summary>
internal abstract class FeedClient : IDisposable
{
    private readonly Queue<FeedEvent> _waiting = [];

    /// <summary>What has been taken, in order.</summary>
    public List<FeedEvent> Received { get; } = [];

    /// <summary>Where a later feed goes on; null where the kind knows no positions.</summary>
    public virtual Position? Position => null;

    /// <summary>Whether each payload is acknowledged when it comes.</summary>
    public virtual bool Acknowledges { get; set; }

    /// <summary>Once the feed is over: why; unspecified where that is its regular end.</summary>
    public ErrorReason EndReason { get; protected set; }

    /// <summary>Takes what comes next; null when the feed is over.</summary>
    public async Task<FeedEvent?> NextAsync()
    {
        while (_waiting.Count == 0)
        {
            if (await ReceiveAsync() is not { } events)
            {
                return null;
            }

            foreach (var next in events)
            {
                _waiting.Enqueue(next);
            }
        }

        Received.Add(_waiting.Dequeue());
        return Received[^1];
    }

    /// <summary>Takes until something is told; a turn's name counts where the feed names turns.</summary>
    public async Task<FeedEvent> UntilAsync(FeedSign sign, string turnId = "")
    {
        while (await NextAsync() is { } next)
        {
            if (next.Sign == sign && (turnId.Length == 0 || next.TurnId.Length == 0 || next.TurnId == turnId))
            {
                return next;
            }
        }

        throw new InvalidOperationException($"The feed ended ({EndReason}) after {string.Join(", ", Received.Select(had => had.Sign))}.");
    }

    /// <summary>Takes all there is.</summary>
    /// <returns>Why the feed is over.</returns>
    public async Task<ErrorReason> UntilEndAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        return EndReason;
    }

    /// <summary>Acknowledges all that has been taken.</summary>
    public virtual Task AcknowledgeAsync() => throw new NotSupportedException();

    public virtual Task RenewAsync(string token) => throw new NotSupportedException();

    /// <summary>Fails where what has come breaks a rule of the kind's own, whatever the scenario.</summary>
    /// <param name="goesOn">It goes on where another client of the same viewer stopped.</param>
    public virtual void AssertWellFormed(bool goesOn = false)
    {
        // Motion is nothing without speech before it.
        var media = Received.Find(had => had.Sign is FeedSign.Audio or FeedSign.Motion);
        Assert.True(goesOn || media?.Sign != FeedSign.Motion, "Motion came before any audio.");
    }

    public abstract void Dispose();

    /// <summary>Receives one message; null when the feed is over.</summary>
    protected abstract Task<IReadOnlyList<FeedEvent>?> ReceiveAsync();

    /// <summary>The reason that a WebSocket's close code tells: its last two digits; 1000 is the regular end.</summary>
    protected static ErrorReason ReasonOf(int? closeCode)
    {
        Assert.NotNull(closeCode);
        return closeCode == 1000 ? ErrorReason.Unspecified : (ErrorReason)(closeCode.Value % 100);
    }

    /// <summary>The reason with a name such as <c>VIEWER_TOKEN_INVALID</c>.</summary>
    protected static ErrorReason ReasonOf(string name) =>
        Enum.Parse<ErrorReason>(new StringBuilder(name).Replace("_", "").ToString(), ignoreCase: true);
}
