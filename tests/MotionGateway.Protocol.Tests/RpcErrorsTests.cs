using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Protocol.Tests;

public sealed class RpcErrorsTests
{
    [Fact]
    public void Create_FailureWithEverything_IsReadBackAlike()
    {
        var failure = new Failure(ErrorReason.SequenceExpired, "Gone – für immer.")
        {
            Field = "start.position",
            Available = new SequenceSpan(5, 9),
            Epoch = 3,
            Ids = new FailureIds { SessionId = "s1", TurnId = "t1", ConnectionId = "c1" },
        };

        var exception = RpcErrors.Create(failure);

        Assert.Equal(StatusCode.OutOfRange, exception.StatusCode);
        Assert.True(RpcErrors.TryRead(exception, out var read));
        Assert.Equal(failure, read);
    }

    [Theory]
    [InlineData(null, "SUPERSEDED: Taken.")]
    [InlineData("audio.data", "SUPERSEDED audio.data: Taken.")]
    public void Create_AnyFailure_HasATextThatBeginsWithReasonAndField(string? field, string expected)
    {
        var exception = RpcErrors.Create(new Failure(ErrorReason.Superseded, "Taken.") { Field = field });

        Assert.Equal(expected, exception.Status.Detail);
        Assert.Equal(expected, ReadStatus(exception).Message);
    }

    [Fact]
    public void Create_FailureWithIds_HasThemAsMetadataOfErrorInfo()
    {
        var ids = new FailureIds { SessionId = "s1", ConnectionId = "c1" };

        var info = ReadStatus(RpcErrors.Create(new Failure(ErrorReason.Internal, "Why.") { Ids = ids })).GetDetail<ErrorInfo>();

        Assert.Equal(new Dictionary<string, string> { ["session_id"] = "s1", ["connection_id"] = "c1" }, info.Metadata.ToDictionary());
    }

    [Fact]
    public void TryRead_ReasonOfALaterVersion_KeepsTheText()
    {
        var info = new ErrorInfo { Domain = RpcErrors.Domain, Reason = "OF_TOMORROW" };
        var status = new Google.Rpc.Status { Code = (int)StatusCode.Aborted, Message = "OF_TOMORROW: Why.", Details = { Any.Pack(info) } };

        Assert.True(RpcErrors.TryRead(status.ToRpcException(), out var read));

        Assert.Equal((ErrorReason.Internal, "Why."), (read.Reason, read.Message));
    }

    [Fact]
    public void Create_FailureWithAField_HasTheDetailsOfTheSpecification()
    {
        var status = ReadStatus(RpcErrors.Create(new Failure(ErrorReason.ChunkTooLarge, "Large.") { Field = "audio.data" }));

        Assert.Equal((int)StatusCode.InvalidArgument, status.Code);
        var info = status.Details.Single(detail => detail.Is(ErrorInfo.Descriptor)).Unpack<ErrorInfo>();
        Assert.Equal(("CHUNK_TOO_LARGE", "motiongateway"), (info.Reason, info.Domain));
        var violation = status.Details.Single(detail => detail.Is(BadRequest.Descriptor)).Unpack<BadRequest>().FieldViolations.Single();
        Assert.Equal(("audio.data", "Large."), (violation.Field, violation.Description));
    }

    [Theory]
    [MemberData(nameof(ErrorTableTests.Reasons), MemberType = typeof(ErrorTableTests))]
    public void Create_EveryReason_HasRetryInfoExactlyWhenRetryingCanHelp(ErrorReason reason)
    {
        var status = ReadStatus(RpcErrors.Create(new Failure(reason, "Why.") { RetryAfter = TimeSpan.FromSeconds(7) }));

        var info = status.Details.SingleOrDefault(detail => detail.Is(RetryInfo.Descriptor))?.Unpack<RetryInfo>();
        Assert.Equal(ErrorTable.Get(reason).IsRetryable ? TimeSpan.FromSeconds(7) : null, info?.RetryDelay.ToTimeSpan());
    }

    [Fact]
    public void TryRead_ErrorsOfOthers_IsFalse()
    {
        Assert.False(RpcErrors.TryRead(new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "")), out _));
        var garbage = new Metadata { { "grpc-status-details-bin", [0xFF, 0xFF] } };
        Assert.False(RpcErrors.TryRead(new RpcException(new Grpc.Core.Status(StatusCode.Internal, ""), garbage), out _));
    }

    [Fact]
    public void ToFeedFailure_Retryable_SaysWhen()
    {
        var time = DateTimeOffset.UnixEpoch.AddDays(1);

        var retryable = new Failure(ErrorReason.GatewayUnavailable, "Away.").ToFeedFailure(time);
        var final = new Failure(ErrorReason.Superseded, "Taken.") { RetryAfter = TimeSpan.FromSeconds(1) }.ToFeedFailure(time);

        Assert.Equal((true, 1000), (retryable.Retryable, retryable.RetryAfterMs));
        Assert.Equal((false, 0), (final.Retryable, final.RetryAfterMs));
        Assert.Equal(time, retryable.Time.ToDateTimeOffset());
    }

    private static Google.Rpc.Status ReadStatus(RpcException exception) => Google.Rpc.Status.Parser.ParseFrom(
        exception.Trailers.Single(entry => entry.Key == "grpc-status-details-bin").ValueBytes);
}
