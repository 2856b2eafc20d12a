using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.V1;
using RpcStatus = Google.Rpc.Status;

namespace MotionGateway.Protocol;

/// <summary>
/// Failures as gRPC errors: the status of the table, and a <c>google.rpc.Status</c> with ErrorInfo, BadRequest where a
/// field is at fault, and RetryInfo exactly when trying again can help. The text begins with the reason and the field, so
/// that a person reads them where a tool shows no details.
/// </summary>
public static class RpcErrors
{
    /// <summary>Domain of every ErrorInfo of this project.</summary>
    public const string Domain = "motiongateway";

    private const string SessionId = "session_id";
    private const string TurnId = "turn_id";
    private const string ConnectionId = "connection_id";
    private const string EpochId = "epoch";
    private const string AvailableFromId = "available_from";
    private const string AvailableThroughId = "available_through";

    /// <summary>Makes the error that tells a failure.</summary>
    /// <param name="failure">The failure.</param>
    public static RpcException Create(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var status = new RpcStatus
        {
            Code = (int)ErrorTable.Get(failure.Reason).StatusCode,
            Message = Prefix(ErrorTable.GetName(failure.Reason), failure.Field) + failure.Message,
            Details = { Any.Pack(CreateInfo(failure)) },
        };
        if (failure.Field is { } field)
        {
            var violation = new BadRequest.Types.FieldViolation { Field = field, Description = failure.Message };
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violation } }));
        }

        if (failure.EffectiveRetryAfter is { } retryAfter)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) }));
        }

        return status.ToRpcException();
    }

    /// <summary>Reads the failure that an error tells.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="failure">The failure.</param>
    /// <returns>False when the error is not one of this project's, such as a lost connection.</returns>
    public static bool TryRead(RpcException exception, [NotNullWhen(true)] out Failure? failure)
    {
        ArgumentNullException.ThrowIfNull(exception);
        failure = null;
        try
        {
            if (exception.GetRpcStatus() is { } status && status.GetDetail<ErrorInfo>() is { Domain: Domain } info)
            {
                failure = Read(status, info);
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Details that cannot be read are not this project's.
        }

        return failure is not null;
    }

    private static Failure Read(RpcStatus status, ErrorInfo info)
    {
        string? field = status.GetDetail<BadRequest>()?.FieldViolations.FirstOrDefault()?.Field;
        string prefix = Prefix(info.Reason, field);
        bool hasPrefix = status.Message.StartsWith(prefix, StringComparison.Ordinal);
        return new Failure(ReadReason(info), hasPrefix ? status.Message[prefix.Length..] : status.Message)
        {
            Field = field,
            RetryAfter = status.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan(),
            Available = ReadAvailable(info),
            Epoch = uint.TryParse(info.Metadata.GetValueOrDefault(EpochId), CultureInfo.InvariantCulture, out uint epoch) ? epoch : null,
            Ids = new FailureIds
            {
                SessionId = info.Metadata.GetValueOrDefault(SessionId),
                TurnId = info.Metadata.GetValueOrDefault(TurnId),
                ConnectionId = info.Metadata.GetValueOrDefault(ConnectionId),
            },
        };
    }

    private static string Prefix(string reason, string? field) => field is null ? $"{reason}: " : $"{reason} {field}: ";

    private static ErrorInfo CreateInfo(Failure failure)
    {
        var info = new ErrorInfo { Domain = Domain, Reason = ErrorTable.GetName(failure.Reason) };
        Add(SessionId, failure.Ids.SessionId);
        Add(TurnId, failure.Ids.TurnId);
        Add(ConnectionId, failure.Ids.ConnectionId);
        Add(EpochId, failure.Epoch?.ToString(CultureInfo.InvariantCulture));
        Add(AvailableFromId, failure.Available?.From.ToString(CultureInfo.InvariantCulture));
        Add(AvailableThroughId, failure.Available?.Through.ToString(CultureInfo.InvariantCulture));
        return info;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                info.Metadata[name] = value;
            }
        }
    }

    // A reason of a later version counts as internal, which may be tried again.
    private static ErrorReason ReadReason(ErrorInfo info) =>
        ErrorTable.TryGetReason(info.Reason, out var reason) ? reason : ErrorReason.Internal;

    private static SequenceSpan? ReadAvailable(ErrorInfo info) =>
        long.TryParse(info.Metadata.GetValueOrDefault(AvailableFromId), CultureInfo.InvariantCulture, out long from)
        && long.TryParse(info.Metadata.GetValueOrDefault(AvailableThroughId), CultureInfo.InvariantCulture, out long through)
            ? new SequenceSpan(from, through)
            : null;
}
