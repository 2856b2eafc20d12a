using Grpc.Core;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A reader of one session that acknowledges what it gets.</summary>
public sealed class FeedReader : IDisposable
{
    private readonly AsyncDuplexStreamingCall<SubscribeRequest, SubscribeResponse> _call;

    private FeedReader(AsyncDuplexStreamingCall<SubscribeRequest, SubscribeResponse> call) => _call = call;

    /// <summary>Whether each payload is acknowledged when it is read.</summary>
    public bool Acknowledges { get; set; } = true;

    public FeedStarted Started { get; private set; } = new();

    public List<SubscribeResponse> Received { get; } = [];

    public static async Task<FeedReader> OpenAsync(
        FeedService.FeedServiceClient client, string sessionId, Action<StartFeed>? configure = null, bool acknowledges = true)
    {
        var reader = await StartAsync(client, sessionId, configure, acknowledges);
        reader.Started = (await reader.WaitForAsync(response => response.Started is not null)).Started;
        return reader;
    }

    /// <summary>Asks for a feed, whose answer is still to be read.</summary>
    public static async Task<FeedReader> StartAsync(
        FeedService.FeedServiceClient client, string sessionId, Action<StartFeed>? configure = null, bool acknowledges = true)
    {
        var start = new StartFeed { SessionId = sessionId };
        configure?.Invoke(start);
        var reader = new FeedReader(client.Subscribe()) { Acknowledges = acknowledges };
        await reader.SendAsync(new SubscribeRequest { Start = start });
        return reader;
    }

    /// <summary>Sends a request; a call that has ended says why where it is read.</summary>
    public Task SendAsync(SubscribeRequest request) => _call.RequestStream.WriteUnlessEndedAsync(request);

    public Task SendAsync(ViewerEvent viewerEvent) => SendAsync(new SubscribeRequest { ViewerEvent = viewerEvent });

    public Task AcknowledgeAsync(uint epoch, long sequence) => SendAsync(new SubscribeRequest
    {
        Acknowledge = new AcknowledgePayloads { Position = new Position { Epoch = epoch, Sequence = sequence } },
    });

    public async Task<SubscribeResponse> WaitForAsync(Func<SubscribeResponse, bool> condition)
    {
        while (await ReadAsync() is { } response)
        {
            if (condition(response))
            {
                return response;
            }
        }

        throw new InvalidOperationException($"The feed ended with {_call.GetStatus()}.");
    }

    /// <summary>How a turn ended, received already or not.</summary>
    public async Task<TurnEnded> TurnEndedAsync(string turnId) =>
        Received.Payloads().FirstOrDefault(payload => payload.TurnId == turnId && payload.TurnEnded is not null)?.TurnEnded
        ?? (await WaitForAsync(response => response.Payload?.TurnId == turnId && response.Payload.TurnEnded is not null)).Payload.TurnEnded;

    /// <summary>Reads on to the regular end of the feed.</summary>
    public async Task<List<SubscribeResponse>> ReadToEndAsync()
    {
        while (await ReadAsync() is not null)
        {
        }

        return Received;
    }

    /// <summary>Reads on to the end of the feed, which is a failure.</summary>
    public async Task<RpcException> ReadToFailureAsync() => await Assert.ThrowsAsync<RpcException>(ReadToEndAsync);

    public void Dispose() => _call.Dispose();

    /// <summary>Reads the next response; null at the regular end of the feed.</summary>
    public async Task<SubscribeResponse?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        if (!await _call.ResponseStream.MoveNext(limit.Token))
        {
            return null;
        }

        var response = _call.ResponseStream.Current;
        Received.Add(response);
        if (Acknowledges && response.Payload is { } payload)
        {
            await AcknowledgeAsync(payload.Epoch, payload.Sequence);
        }

        return response;
    }
}
