using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>The answer to a viewer's request for server-sent events. Nothing comes from the viewer but its going away.</summary>
internal sealed class EventStreamTransport : IViewerTransport
{
    private readonly HttpContext _context;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _aborted;

    private EventStreamTransport(HttpContext context)
    {
        _context = context;
        _aborted = context.RequestAborted.Register(() => _gone.TrySetResult());
    }

    /// <summary>Begins the answer, so that the viewer knows that it is connected.</summary>
    public static async Task<EventStreamTransport> BeginAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = EventStreamFormat.Instance.Name;
        response.Headers.CacheControl = "no-store";

        // What is widely used as a proxy collects answers unless it is told not to.
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync();
        return new EventStreamTransport(context);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
        await _gone.Task;
        return null;
    }

    public Task DrainAsync() => _gone.Task;

    public void Trust()
    {
        // It has shown its token before the answer began.
    }

    public async ValueTask<bool> TrySendAsync(ReadOnlyMemory<byte> message)
    {
        // To a viewer that is gone everything can be written.
        await _context.Response.BodyWriter.WriteAsync(message, CancellationToken.None);
        return !_context.RequestAborted.IsCancellationRequested;
    }

    public async Task CloseAsync(ErrorReason reason)
    {
        if (FindEnd(reason) is { IsEmpty: false } end)
        {
            await TrySendAsync(end);
        }

        _gone.TrySetResult();
    }

    public void Abort() => _context.Abort();

    public void Dispose() => _aborted.Dispose();

    // A browser comes again by itself.
    private static ReadOnlyMemory<byte> FindEnd(ErrorReason reason) => reason switch
    {
        ErrorReason.EpochChanged or ErrorReason.SequenceExpired or ErrorReason.PositionAhead => EventStreamFormat.Forget,
        _ => ErrorTable.Get(reason).IsRetryable ? default : EventStreamFormat.End,
    };
}
