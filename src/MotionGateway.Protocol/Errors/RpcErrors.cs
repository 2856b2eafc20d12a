using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using MotionGateway.V1;
using RpcStatus = Google.Rpc.Status;

namespace MotionGateway.Protocol;

/// <summary>
/// Failures as gRPC errors: the status of the table, and a <c>google.rpc.Status</c> with ErrorInfo, BadRequest where a
/// field is at fault, and RetryInfo exactly when trying again can help.
/// </summary>
public static class RpcErrors
{
    /// <summary>Domain of every ErrorInfo of this project.</summary>
    public const string Domain = "motiongateway";

    /// <summary>The trailer that carries the serialized <c>google.rpc.Status</c>.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    private const string EpochId = "epoch";
    private const string AvailableFromId = "available_from";
    private const string AvailableThroughId = "available_through";

    /// <summary>Makes the error that tells a failure.</summary>
    /// <param name="failure">The failure.</param>
    public static RpcException Create(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var code = ErrorTable.Get(failure.Reason).StatusCode;
        var status = new RpcStatus { Code = (int)code, Message = failure.Message };
        status.Details.Add(Any.Pack(CreateInfo(failure)));
        if (failure.Field is { } field)
        {
            var violation = new BadRequest.Types.FieldViolation { Field = field, Description = failure.Message };
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violation } }));
        }

        if (failure.EffectiveRetryAfter is { } retryAfter)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) }));
        }

        return new RpcException(
            new Grpc.Core.Status(code, failure.Message), new Metadata { { DetailsTrailer, status.ToByteArray() } });
    }

    /// <summary>Reads the failure that an error tells.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="failure">The failure.</param>
    /// <returns>False when the error is not one of this project's, such as a lost connection.</returns>
    public static bool TryRead(RpcException exception, [NotNullWhen(true)] out Failure? failure)
    {
        ArgumentNullException.ThrowIfNull(exception);
        failure = null;
        if (TryReadStatus(exception.Trailers) is not { } status
            || Find<ErrorInfo>(status) is not { Domain: Domain } info)
        {
            return false;
        }

        failure = new Failure(ReadReason(info), status.Message)
        {
            Field = Find<BadRequest>(status)?.FieldViolations.FirstOrDefault()?.Field,
            RetryAfter = Find<RetryInfo>(status)?.RetryDelay?.ToTimeSpan(),
            Available = ReadAvailable(info),
            Epoch = uint.TryParse(info.Metadata.GetValueOrDefault(EpochId), CultureInfo.InvariantCulture, out uint epoch) ? epoch : null,
            Ids = info.Metadata
                .Where(pair => pair.Key is not (EpochId or AvailableFromId or AvailableThroughId))
                .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
        };
        return true;
    }

    private static ErrorInfo CreateInfo(Failure failure)
    {
        // Field 1, which the published protos call reason.
        var info = new ErrorInfo { Domain = Domain, Type = ErrorTable.GetName(failure.Reason) };
        foreach (var (name, value) in failure.Ids)
        {
            info.Metadata[name] = value;
        }

        if (failure.Epoch is { } epoch)
        {
            info.Metadata[EpochId] = epoch.ToString(CultureInfo.InvariantCulture);
        }

        if (failure.Available is { } available)
        {
            info.Metadata[AvailableFromId] = available.From.ToString(CultureInfo.InvariantCulture);
            info.Metadata[AvailableThroughId] = available.Through.ToString(CultureInfo.InvariantCulture);
        }

        return info;
    }

    // A reason of a later version counts as internal, which may be tried again.
    private static ErrorReason ReadReason(ErrorInfo info) =>
        ErrorTable.TryGetReason(info.Type, out var reason) ? reason : ErrorReason.Internal;

    private static SequenceRange? ReadAvailable(ErrorInfo info) =>
        long.TryParse(info.Metadata.GetValueOrDefault(AvailableFromId), CultureInfo.InvariantCulture, out long from)
        && long.TryParse(info.Metadata.GetValueOrDefault(AvailableThroughId), CultureInfo.InvariantCulture, out long through)
            ? new SequenceRange { From = from, Through = through }
            : null;

    private static RpcStatus? TryReadStatus(Metadata trailers)
    {
        if (trailers.FirstOrDefault(entry => entry.Key == DetailsTrailer) is not { IsBinary: true } entry)
        {
            return null;
        }

        try
        {
            return RpcStatus.Parser.ParseFrom(entry.ValueBytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static T? Find<T>(RpcStatus status)
        where T : class, IMessage<T>, new()
    {
        foreach (var detail in status.Details)
        {
            if (detail.Is(new T().Descriptor) && TryUnpack(detail) is { } message)
            {
                return message;
            }
        }

        return null;

        static T? TryUnpack(Any detail)
        {
            try
            {
                return detail.Unpack<T>();
            }
            catch (InvalidProtocolBufferException)
            {
                return null;
            }
        }
    }
}
