using Grpc.Core;
using MotionGateway.Cli.Output;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Output;

public sealed class FailuresTests
{
    // As the runtime words it, by what it learned before the server hung up.
    [Theory]
    [InlineData(StatusCode.Internal, "The HTTP/2 server closed the connection. HTTP/2 error code 'HTTP_1_1_REQUIRED' (0xd). (HttpProtocolError)")]
    [InlineData(StatusCode.Unavailable, "An HTTP/2 connection could not be established because the server did not complete the HTTP/2 handshake.")]
    public void Describe_ServerWithoutHttp2_AsksForTheGatewaysAddress(StatusCode code, string detail)
    {
        string text = Failures.Describe(new RpcException(new Status(code, $"Error starting gRPC call. HttpRequestException: {detail}")));

        Assert.Contains("is it the address of a relay?", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ToException_FailureOfTheGateway_HasItsReason()
    {
        var failure = Failures.ToException(RpcErrors.Create(new Failure(ErrorReason.SessionNotFound, "There is no such session.")));

        Assert.Equal(("SESSION_NOT_FOUND", "SESSION_NOT_FOUND: There is no such session."), (failure.Reason, failure.Message));
    }
}
