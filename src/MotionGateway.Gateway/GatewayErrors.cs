using Google.Protobuf;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Turns what goes wrong into what callers are answered.</summary>
internal static partial class GatewayErrors
{
    /// <summary>Runs a call; what it throws becomes a status with details.</summary>
    public static async Task<T> AnswerAsync<T>(Func<Task<T>> call, ILogger logger, ServerCallContext context)
    {
        try
        {
            return await call();
        }
        catch (GatewayException fault)
        {
            Refused(logger, context.Method, fault.Reason, fault.Field);
            throw ToRpc(fault);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller cancelled the call."));
        }
        catch (IOException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller went away."));
        }
        catch (Exception defect) when (defect is not RpcException)
        {
            Failed(logger, defect, context.Method);
            throw ToRpc(new GatewayException(ErrorReason.Internal, "The gateway failed; its log says more."));
        }
    }

    /// <summary>What it means when a request could not be read.</summary>
    public static GatewayException FromRead(Exception fault) => fault switch
    {
        GatewayException known => known,
        RpcException { StatusCode: StatusCode.ResourceExhausted } => new GatewayException(
            ErrorReason.ChunkTooLarge, "The request is larger than the gateway takes: send it in parts."),
        RpcException or InvalidProtocolBufferException => new GatewayException(
            ErrorReason.MalformedRequest, "A request could not be read: it is no message of this method."),
        _ => new GatewayException(ErrorReason.Internal, $"The gateway failed to handle a request: {fault.GetType().Name}."),
    };

    private static RpcException ToRpc(GatewayException fault) => RpcErrors.Create(new Failure(fault.Reason, fault.Message)
    {
        Field = fault.Field,
        RetryAfter = fault.RetryAfter,
        Epoch = fault.Epoch,
        Available = fault.Available is { } span ? new SequenceRange { From = span.From, Through = span.Through } : null,
    });

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} refused: {Reason} {Field}")]
    private static partial void Refused(ILogger logger, string method, ErrorReason reason, string? field);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed")]
    private static partial void Failed(ILogger logger, Exception exception, string method);
}
