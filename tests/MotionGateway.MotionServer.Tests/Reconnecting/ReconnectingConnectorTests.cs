using MotionGateway.MotionServer.Tests.Pooling;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Reconnecting;

public sealed class ReconnectingConnectorTests
{
    private static readonly MotionConnectionOptions Avatar = new("avatar", new MotionAudioFormat(16000));

    private readonly ObservedTimeProvider _time = new();
    private readonly FakeConnector _connector = new();

    [Fact]
    public async Task ConnectAsync_PassingFailures_ConnectsInTheEnd()
    {
        Fail(Code.ConnectionFailed, Code.UpstreamError);
        Task<IMotionConnection> connecting = Connector().ConnectAsync(Avatar);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => connecting.IsCompleted);

        Assert.Equal("avatar-3", (await connecting).ConnectionId);
    }

    [Fact]
    public async Task ConnectAsync_AttemptsUsedUp_ThrowsTheLastFailure()
    {
        Fail(Code.ConnectionFailed, Code.UpstreamError, Code.ServerError);
        Task<IMotionConnection> connecting = Connector(new ReconnectPolicy { MaxAttempts = 2 }).ConnectAsync(Avatar);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => connecting.IsCompleted);

        MotionServerException failure = await Assert.ThrowsAsync<MotionServerException>(() => connecting.DefaultTimeout());
        Assert.Equal(Code.ServerError, failure.Code);
    }

    [Fact]
    public async Task ConnectAsync_FailureForGood_IsThrownAtOnce()
    {
        Fail(Code.BillingRequired);

        MotionServerException failure = await Assert.ThrowsAsync<MotionServerException>(() => Connector().ConnectAsync(Avatar).DefaultTimeout());

        Assert.Equal((Code.BillingRequired, 1), (failure.Code, _connector.Attempts));
    }

    [Fact]
    public async Task ConnectAsync_CancelledInAPause_Ends()
    {
        Fail(Code.ConnectionFailed);
        using CancellationTokenSource cancel = new();
        Task<IMotionConnection> connecting = Connector().ConnectAsync(Avatar, cancel.Token);
        await Eventually.TrueAsync(() => _time.ActiveTimers == 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.DefaultTimeout());
    }

    private void Fail(params Code[] codes)
    {
        foreach (Code code in codes)
        {
            _connector.Failures.Enqueue(new MotionServerException(code, MotionServerPhase.WebSocketConnect, "failed"));
        }
    }

    private ReconnectingConnector Connector(ReconnectPolicy? policy = null) => new(_connector, policy ?? new ReconnectPolicy(), _time);
}
