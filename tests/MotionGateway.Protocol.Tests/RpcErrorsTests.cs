using Google.Rpc;
using Grpc.Core;
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
            Available = new SequenceRange { From = 5, Through = 9 },
            Epoch = 3,
            Ids = new Dictionary<string, string> { ["session_id"] = "s1" },
        };

        var exception = RpcErrors.Create(failure);

        Assert.Equal(StatusCode.OutOfRange, exception.StatusCode);
        Assert.Equal(failure.Message, exception.Status.Detail);
        Assert.True(RpcErrors.TryRead(exception, out var read));
        Assert.Equal(failure with { Ids = read.Ids }, read);
        Assert.Equal(failure.Ids, read.Ids);
    }

    [Fact]
    public void Create_FailureWithAField_HasTheDetailsOfTheSpecification()
    {
        var status = ReadStatus(RpcErrors.Create(new Failure(ErrorReason.OddAudioLength, "Odd.") { Field = "audio.data" }));

        Assert.Equal((int)StatusCode.InvalidArgument, status.Code);
        var info = status.Details.Single(detail => detail.Is(ErrorInfo.Descriptor)).Unpack<ErrorInfo>();
        Assert.Equal(("ODD_AUDIO_LENGTH", "motiongateway"), (info.Type, info.Domain));
        var violation = status.Details.Single(detail => detail.Is(BadRequest.Descriptor)).Unpack<BadRequest>().FieldViolations.Single();
        Assert.Equal(("audio.data", "Odd."), (violation.Field, violation.Description));
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
        var garbage = new Metadata { { RpcErrors.DetailsTrailer, [0xFF, 0xFF] } };
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
