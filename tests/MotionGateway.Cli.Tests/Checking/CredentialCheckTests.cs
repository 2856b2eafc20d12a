using Grpc.Core;
using MotionGateway.Cli.Checking;
using MotionGateway.Cli.Checking.Checks;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Checking;

public sealed class CredentialCheckTests
{
    private readonly ScriptedSessions _gateway = new();

    [Fact]
    public async Task Run_CallerWithAllRights_NamesThem()
    {
        _gateway.WhenIssuing = RpcErrors.Create(new Failure(ErrorReason.SessionNotFound, "There is no such session."));

        Assert.Equal((CheckOutcome.Ok, "has read, operate, issue-tokens"), await RunAsync());
    }

    [Fact]
    public async Task Run_CallerWithoutSomeRights_NamesWhatItLacks()
    {
        _gateway.WhenListing = _gateway.WhenIssuing = RpcErrors.Create(new Failure(ErrorReason.NotPermitted, "It may not."));

        Assert.Equal((CheckOutcome.Ok, "has read; lacks operate, issue-tokens"), await RunAsync());
    }

    [Fact]
    public async Task Run_CallerThatIsNotKnown_FailsAndNamesTheOptionsOfCredentials()
    {
        _gateway.WhenReading = new RpcException(new Status(StatusCode.Unauthenticated, "Who are you?"));

        var result = Assert.Single(await new CheckRunner(TimeProvider.System, _ => { })
            .RunAsync([new CredentialCheck(_gateway)], TimeSpan.FromMinutes(1), CancellationToken.None).DefaultTimeout());

        Assert.Equal(CheckOutcome.Failed, result.Outcome);
        Assert.Contains("Who are you?", result.Detail, StringComparison.Ordinal);
        Assert.Contains("--api-key-file", result.Remedy, StringComparison.Ordinal);
    }

    private async Task<(CheckOutcome Outcome, string Detail)> RunAsync()
    {
        var finding = await new CredentialCheck(_gateway).RunAsync(CancellationToken.None).DefaultTimeout();
        return (finding.Outcome, finding.Detail);
    }

    private sealed class ScriptedSessions : SessionService.SessionServiceClient
    {
        public RpcException? WhenReading { get; set; }

        public RpcException? WhenListing { get; set; }

        public RpcException? WhenIssuing { get; set; }

        public override AsyncUnaryCall<GetViewerTokenKeysResponse> GetViewerTokenKeysAsync(GetViewerTokenKeysRequest request, CallOptions options) =>
            Answer(WhenReading, new GetViewerTokenKeysResponse());

        public override AsyncUnaryCall<ListSessionsResponse> ListSessionsAsync(ListSessionsRequest request, CallOptions options) =>
            Answer(WhenListing, new ListSessionsResponse());

        public override AsyncUnaryCall<CreateViewerTokenResponse> CreateViewerTokenAsync(CreateViewerTokenRequest request, CallOptions options) =>
            Answer(WhenIssuing, new CreateViewerTokenResponse());

        private static AsyncUnaryCall<T> Answer<T>(RpcException? failure, T answer) => new(
            failure is null ? Task.FromResult(answer) : Task.FromException<T>(failure), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    }
}
