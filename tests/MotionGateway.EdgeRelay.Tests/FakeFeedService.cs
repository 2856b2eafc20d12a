using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>Feeds of fake sessions, by the log's own rules.</summary>
internal sealed class FakeFeedService(FakeGatewayState state) : EncodedFeedService.EncodedFeedServiceBase
{
    private const int WindowBytes = 128 * 1024;

    public override async Task Subscribe(
        IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<EncodedResponse> responseStream, ServerCallContext context)
    {
        state.Enter();
        await requestStream.MoveNext(context.CancellationToken);
        var start = requestStream.Current.Start;
        if (!state.Sessions.TryGetValue(start.SessionId, out var session))
        {
            throw RpcErrors.Create(new Failure(ErrorReason.SessionNotFound, "No such session."));
        }

        session.Subscriptions.Enqueue(start);
        session.Connections.Enqueue(context.GetHttpContext().Connection.Id);
        if (session.Fault is { } fault)
        {
            throw RpcErrors.Create(fault);
        }

        Interlocked.Increment(ref session.Open);
        try
        {
            await ServeAsync(session, start, requestStream, responseStream, context.CancellationToken);
        }
        catch (GatewayException failure)
        {
            throw RpcErrors.Create(Failure.From(failure));
        }
        finally
        {
            Interlocked.Decrement(ref session.Open);
        }
    }

    private async Task ServeAsync(
        FakeSession session, StartFeed start, IAsyncStreamReader<SubscribeRequest> requests,
        IServerStreamWriter<EncodedResponse> responses, CancellationToken cancellationToken)
    {
        var wake = new AsyncSignal();
        int window = start.WithoutAcknowledgements ? int.MaxValue : WindowBytes;
        using var reader = start.FromCase == StartFeed.FromOneofCase.Position
            ? session.Log.OpenReader(new LogPosition(start.Position.Epoch, start.Position.Sequence), window, wake, start.SlowReaderPolicy)
            : session.Log.OpenReader(start.Start, window, wake, session.HeardSamples, start.SlowReaderPolicy);
        var response = new EncodedResponse();
        await responses.WriteAsync(response.Set(new SubscribeResponse
        {
            Started = new FeedStarted
            {
                SessionId = session.Id,
                Position = new Position { Epoch = reader.Position.Epoch, Sequence = reader.Position.Sequence },
                LastSequence = session.Log.End.Sequence,
                AvatarId = "avatar",
                AppId = "app",
                SampleRate = 16000,
                WindowBytes = window,
                TurnHeartbeatIntervalMs = state.TurnHeartbeatIntervalMs,
            },
        }), cancellationToken);
        if (state.BreaksFeeds)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "broken"));
        }

        using var cancelled = cancellationToken.Register(wake.Set);
        var drop = state.Drop.Token;
        using var dropped = drop.Register(wake.Set);
        var reading = ReadAsync(session, reader, requests, cancellationToken);
        try
        {
            while (!reader.IsAtEnd)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (drop.IsCancellationRequested)
                {
                    throw new RpcException(new Status(StatusCode.Unavailable, "dropped"));
                }

                if (reader.TryRead(out var entry))
                {
                    await responses.WriteAsync(response.Set(entry.Encoded), cancellationToken);
                }
                else if (!session.SparesReaders || !reader.IsBlocked || !reader.TrySpare())
                {
                    await wake.WaitAsync();
                }
            }

            if (session.IsHeldAtEnd)
            {
                await session.EndAcknowledged.Task.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            state.Readings.Add(reading);
        }
    }

    private static async Task ReadAsync(
        FakeSession session, LogReader reader, IAsyncStreamReader<SubscribeRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                switch (requests.Current.RequestCase)
                {
                    case SubscribeRequest.RequestOneofCase.Acknowledge:
                        var position = requests.Current.Acknowledge.Position;
                        reader.Acknowledge(new LogPosition(position.Epoch, position.Sequence));
                        session.Acknowledged.Enqueue(position.Sequence);
                        if (session.Log.IsComplete && position.Sequence >= session.Log.End.Sequence)
                        {
                            session.EndAcknowledged.TrySetResult();
                        }

                        break;
                    case SubscribeRequest.RequestOneofCase.ViewerEvent:
                        session.Events.Enqueue(requests.Current.ViewerEvent);
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException or IOException or InvalidOperationException)
        {
            // The call is over.
            reader.Dispose();
        }
    }
}
