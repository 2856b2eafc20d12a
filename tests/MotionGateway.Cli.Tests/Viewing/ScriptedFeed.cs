using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Viewing;

/// <summary>A connection that says what it was told to, and keeps what it is sent.</summary>
internal sealed class ScriptedFeed(IEnumerable<SubscribeResponse> responses, FeedException? end) : IFeedConnection
{
    private readonly Queue<SubscribeResponse> _responses = new(responses);

    public List<SubscribeRequest> Requests { get; } = [];

    public bool IsDisposed { get; private set; }

    public Task SendAsync(SubscribeRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        return Task.CompletedTask;
    }

    public Task<SubscribeResponse?> ReceiveAsync(CancellationToken cancellationToken) =>
        _responses.TryDequeue(out var response) ? Task.FromResult<SubscribeResponse?>(response)
        : end is null ? Task.FromResult<SubscribeResponse?>(null)
        : Task.FromException<SubscribeResponse?>(end);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
