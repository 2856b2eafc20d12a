using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Turns whatever goes wrong in a call into what its caller is answered, and logs it once.</summary>
internal sealed class ErrorInterceptor(ILogger<ErrorInterceptor> logger) : Interceptor
{
    // Kestrel fails what reads and writes before it says that the request was aborted: as good as at once.
    private static readonly TimeSpan AbortDelay = TimeSpan.FromSeconds(1);

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            Identify(request, context);
            return await continuation(request, context);
        }
        catch (Exception fault)
        {
            throw await AnswerAsync(fault, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            Identify(request, context);
            await continuation(request, responseStream, context);
        }
        catch (Exception fault)
        {
            throw await AnswerAsync(fault, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await BeginAsync(context);
            return await continuation(requestStream, context);
        }
        catch (Exception fault)
        {
            throw await AnswerAsync(fault, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await BeginAsync(context);
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception fault)
        {
            throw await AnswerAsync(fault, context);
        }
    }

    /// <summary>The answer to a request that is no message of its method.</summary>
    internal static GatewayException Malformed() => new(
        ErrorReason.MalformedRequest, "A request could not be read: it is no message of this method.");

    // A call that ends while its caller's write waits is reset behind its status. .NET's client loses the status when both come
    // before it has seen any headers.
    private static Task BeginAsync(ServerCallContext context) => context.WriteResponseHeadersAsync([]);

    private static void Identify<TRequest>(TRequest request, ServerCallContext context)
    {
        if (request is IMessage message)
        {
            CallIds.Of(context).Read(message);
        }
    }

    private async Task<RpcException> AnswerAsync(Exception fault, ServerCallContext context)
    {
        var ids = CallIds.Of(context).ToFailureIds();
        switch (fault)
        {
            case RpcException answer when answer.StatusCode != StatusCode.ResourceExhausted || IsAnswer(answer):
                return answer;
            case GatewayException refusal:
                return Refuse(refusal, ids, context);
            case OperationCanceledException or RequestFault or IOException or InvalidOperationException when await IsGoneAsync(fault, context):
                ErrorLog.Gone(logger, fault, context.Method);
                return new RpcException(new Status(StatusCode.Cancelled, "The caller cancelled the call, or went away."));
            // An answer already, or the gRPC server's own to a compression that it does not know.
            case RequestFault { InnerException: RpcException answer } when IsAnswer(answer):
                return answer;
            // The gRPC server's own.
            case RpcException or RequestFault { InnerException: RpcException { StatusCode: StatusCode.ResourceExhausted } }:
                var tooLarge = new GatewayException(
                    ErrorReason.ChunkTooLarge, $"A request has at most {GatewayTransport.MaxRequestBytes} bytes: send it in parts.");
                return Refuse(tooLarge, ids, context);
            case RequestFault:
                return Refuse(Malformed(), ids, context);
            default:
                Tell(fault, ids, context);
                return RpcErrors.Create(new Failure(ErrorReason.Internal, "The gateway failed; its log says more.") { Ids = ids });
        }
    }

    private RpcException Refuse(GatewayException refusal, FailureIds ids, ServerCallContext context)
    {
        if (refusal.Field is { Length: > 0 } field)
        {
            ErrorLog.FieldRefused(logger, context.Method, field, refusal.Reason);
        }
        else
        {
            ErrorLog.Refused(logger, context.Method, refusal.Reason);
        }

        return RpcErrors.Create(Failure.From(refusal) with { Ids = refusal.Ids.Or(ids) });
    }

    private void Tell(Exception defect, FailureIds ids, ServerCallContext context)
    {
        if (ids.ConnectionId is { Length: > 0 } connectionId)
        {
            ErrorLog.FailedConnected(logger, defect, context.Method, connectionId);
        }
        else
        {
            ErrorLog.Failed(logger, defect, context.Method);
        }
    }

    private static bool IsAnswer(RpcException fault) => fault.StatusCode == StatusCode.Unimplemented || RpcErrors.TryRead(fault, out _);

    private static async Task<bool> IsGoneAsync(Exception fault, ServerCallContext context)
    {
        if (fault is IOException or OperationCanceledException or RequestFault { InnerException: IOException and not InvalidProtocolBufferException })
        {
            await Task.Delay(AbortDelay, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return context.CancellationToken.IsCancellationRequested;
    }
}
