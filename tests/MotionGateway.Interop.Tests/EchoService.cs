using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using MotionGateway.Feeds;
using MotionGateway.Interop.Tests.V1;
using MotionGateway.V1;

namespace MotionGateway.Interop.Tests;

/// <summary>The test service: what a call does is in its requests.</summary>
public sealed class EchoService(CallObserver observer, IHostApplicationLifetime lifetime) : InteropService.InteropServiceBase
{
    /// <inheritdoc/>
    public override async Task<EchoResponse> Unary(EchoRequest request, ServerCallContext context)
    {
        await BehaveAsync(request, context);
        return Answer(request, 0);
    }

    /// <inheritdoc/>
    public override async Task<EchoResponse> Collect(IAsyncStreamReader<EchoRequest> requestStream, ServerCallContext context)
    {
        var response = new EchoResponse();
        var length = 0L;
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            if (request.Behavior == Behavior.EndEarly)
            {
                break;
            }

            await BehaveAsync(request, context);
            response.Index++;
            length += request.Payload.Length;
        }

        response.Text = $"{length}";
        return response;
    }

    /// <inheritdoc/>
    public override async Task Repeat(EchoRequest request, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        try
        {
            await BehaveAsync(request, context, responseStream);
            for (var index = 0; index < request.Count; index++)
            {
                await responseStream.WriteAsync(Answer(request, index), context.CancellationToken);
            }
        }
        finally
        {
            observer.End();
        }
    }

    /// <inheritdoc/>
    public override async Task Chat(IAsyncStreamReader<EchoRequest> requestStream, IServerStreamWriter<EchoResponse> responseStream, ServerCallContext context)
    {
        var index = 0;
        await foreach (var request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            if (request.Behavior == Behavior.EndEarly)
            {
                return;
            }

            if (request.Behavior == Behavior.Hang)
            {
                // Answered first, so that the caller knows that the call hangs.
                await observer.ObserveCancellationAsync(
                    request.Text, context, () => responseStream.WriteAsync(Answer(request, index++), context.CancellationToken));
            }

            await BehaveAsync(request, context, responseStream);
            await responseStream.WriteAsync(Answer(request, index++), context.CancellationToken);
        }
    }

    private static EchoResponse Answer(EchoRequest request, int index) => new()
    {
        Payload = request.ResponseLength > 0 ? ByteString.CopyFrom(new byte[request.ResponseLength]) : request.Payload,
        Text = request.Text,
        Index = index,
    };

    private static async Task EchoMetadataAsync(ServerCallContext context)
    {
        var headers = new Metadata();
        foreach (var entry in context.RequestHeaders.Where(entry => entry.Key.StartsWith("test-", StringComparison.Ordinal)))
        {
            var key = $"echo-{entry.Key}";
            var echo = entry.IsBinary ? new Metadata.Entry(key, entry.ValueBytes) : new Metadata.Entry(key, entry.Value);
            headers.Add(echo);
            context.ResponseTrailers.Add(echo);
        }

        await context.WriteResponseHeadersAsync(headers);
    }

    private async Task BehaveAsync(EchoRequest request, ServerCallContext context, IServerStreamWriter<EchoResponse>? responses = null)
    {
        switch (request.Behavior)
        {
            case Behavior.Fail:
                throw new GatewayException(ErrorReason.SessionLimit, request.Text) { Field = "text" };
            case Behavior.Refuse:
                throw new RpcException(new Status(StatusCode.PermissionDenied, "refused"));
            case Behavior.RefuseWhenReleased:
                await observer.IgnoreCancellationAsync(request.Text, context, responses: null);
                throw new RpcException(new Status(StatusCode.PermissionDenied, "refused"));
            case Behavior.Throw:
                throw new NotSupportedException("thrown by the test");
            case Behavior.EchoMetadata:
                await EchoMetadataAsync(context);
                break;
            case Behavior.Hang:
                await observer.ObserveCancellationAsync(request.Text, context);
                break;
            case Behavior.HangUntilStop:
                await observer.ObserveStopAsync(request.Text, lifetime.ApplicationStopping);
                throw new RpcException(new Status(StatusCode.Unavailable, "stopping"));
            case Behavior.IgnoreCancellation:
                await observer.IgnoreCancellationAsync(request.Text, context, responses);
                break;
        }
    }
}
