using System.Globalization;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>The made-up gateway's sessions.</summary>
internal sealed class SourceSessions : IDisposable
{
    private const string Prefix = "session-";

    private readonly SessionLog[] _logs;

    public SourceSessions(int count) =>
        _logs = [.. Enumerable.Range(0, count).Select(_ => new SessionLog(new LogPosition(1, 0), new SessionLogOptions(), TimeProvider.System))];

    public ViewerTokenSigner Signer { get; } = ViewerTokenSigner.CreateInMemory(TimeProvider.System);

    public static string GetId(int session) => $"{Prefix}{session}";

    public SessionLog GetLog(string id) => _logs[int.Parse(id.AsSpan(Prefix.Length), CultureInfo.InvariantCulture)];

    public void Publish(int session, long sequence) => _logs[session].Append(FanOutMessages.Create(sequence));

    public void Dispose() => Signer.Dispose();
}

/// <summary>Their feeds.</summary>
internal sealed class SourceFeedService(SourceSessions sessions) : EncodedFeedService.EncodedFeedServiceBase
{
    private const int Window = 4 * 1024 * 1024;

    public override async Task Subscribe(
        IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<EncodedResponse> responseStream, ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        var start = requestStream.Current.Start;
        var log = sessions.GetLog(start.SessionId);
        var wake = new AsyncSignal();
        using var reader = log.OpenReader(start.Start, Window, wake);
        using var cancelled = context.CancellationToken.Register(wake.Set);
        var response = new EncodedResponse();
        await responseStream.WriteAsync(response.Set(new SubscribeResponse
        {
            Started = new FeedStarted
            {
                SessionId = start.SessionId,
                Position = new Position { Epoch = reader.Position.Epoch, Sequence = reader.Position.Sequence },
                LastSequence = log.End.Sequence,
                SampleRate = 16000,
                WindowBytes = Window,
            },
        }));
        var acknowledging = AcknowledgeAsync(requestStream, reader);
        while (!context.CancellationToken.IsCancellationRequested)
        {
            if (reader.TryRead(out var entry))
            {
                await responseStream.WriteAsync(response.Set(entry.Encoded));
            }
            else
            {
                await wake.WaitAsync();
            }
        }

        await acknowledging;
    }

    private static async Task AcknowledgeAsync(IAsyncStreamReader<SubscribeRequest> requests, LogReader reader)
    {
        try
        {
            while (await requests.MoveNext(CancellationToken.None))
            {
                if (requests.Current.Acknowledge is { Position: var position })
                {
                    reader.Acknowledge(new LogPosition(position.Epoch, position.Sequence));
                }
            }
        }
        catch (Exception exception) when (exception is RpcException or IOException or OperationCanceledException)
        {
            // The relay has been stopped.
        }
    }
}

/// <summary>The part of the session service that a relay asks.</summary>
internal sealed class SourceSessionService(SourceSessions sessions) : SessionService.SessionServiceBase
{
    public override Task<GetViewerTokenKeysResponse> GetViewerTokenKeys(GetViewerTokenKeysRequest request, ServerCallContext context) =>
        Task.FromResult(new GetViewerTokenKeysResponse { Jwks = sessions.Signer.GetJwks() });
}
