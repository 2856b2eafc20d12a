using Grpc.Core;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A reader of one session that acknowledges what it gets.</summary>
public sealed class FeedReader : IDisposable
{
    private readonly AsyncDuplexStreamingCall<SubscribeRequest, SubscribeResponse> _call;
    private readonly bool _acknowledges;

    private FeedReader(AsyncDuplexStreamingCall<SubscribeRequest, SubscribeResponse> call, bool acknowledges)
    {
        _call = call;
        _acknowledges = acknowledges;
    }

    public FeedStarted Started { get; private set; } = new();

    public List<SubscribeResponse> Received { get; } = [];

    public static async Task<FeedReader> OpenAsync(
        FeedService.FeedServiceClient client, string sessionId, Action<StartFeed>? configure = null, bool acknowledges = true)
    {
        var start = new StartFeed { SessionId = sessionId };
        configure?.Invoke(start);
        var reader = new FeedReader(client.Subscribe(), acknowledges);
        await reader.SendAsync(new SubscribeRequest { Start = start });
        reader.Started = (await reader.WaitForAsync(response => response.Started is not null)).Started;
        return reader;
    }

    /// <summary>Sends a request; a call that has ended says why where it is read.</summary>
    public Task SendAsync(SubscribeRequest request) => _call.RequestStream.WriteUnlessEndedAsync(request);

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

    /// <summary>Reads on to the regular end of the feed.</summary>
    public async Task<List<SubscribeResponse>> ReadToEndAsync()
    {
        while (await ReadAsync() is not null)
        {
        }

        return Received;
    }

    public void Dispose() => _call.Dispose();

    private async Task<SubscribeResponse?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        if (!await _call.ResponseStream.MoveNext(limit.Token))
        {
            return null;
        }

        var response = _call.ResponseStream.Current;
        Received.Add(response);
        if (_acknowledges && response.Payload is { } payload)
        {
            var position = new Position { Epoch = payload.Epoch, Sequence = payload.Sequence };
            await SendAsync(new SubscribeRequest { Acknowledge = new AcknowledgePayloads { Position = position } });
        }

        return response;
    }
}
