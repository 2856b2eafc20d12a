using Microsoft.AspNetCore.Http;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;
using Code = MotionGateway.MotionServer.MotionServerErrorCode;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class OpeningTests
{
    private static readonly MotionAudioFormat Format = new(16000);

    [Fact]
    public async Task ConnectAsync_NobodyListens_IsConnectionFailed()
    {
        ScriptedServer server = await ScriptedServer.StartAsync();
        await using MotionServerClient client = server.Client();
        await server.DisposeAsync();

        MotionServerException failure = await client.ConnectAsync("avatar", Format).Failure();

        Assert.Equal((Code.ConnectionFailed, MotionServerPhase.SessionToken, true), (failure.Code, failure.Phase, failure.IsRetryable));
    }

    [Theory]
    [InlineData(MotionServerPhase.SessionToken)]
    [InlineData(MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerPhase.WebSocketHandshake)]
    public async Task ConnectAsync_StalledStep_FailsWithinItsLimit(MotionServerPhase phase)
    {
        await using ScriptedServer server = await StalledAtAsync(phase, out _);
        await using MotionServerClient client = server.Client(options => options.StepTimeout = TimeSpan.FromMilliseconds(100));

        // The very first connection of a process can take longer than the limit; what is tried is the stalled step.
        MotionServerException failure;
        do
        {
            failure = await client.ConnectAsync("avatar", Format).Failure();
        }
        while (failure.Phase < phase);

        Assert.Equal((Code.ConnectionFailed, phase, true), (failure.Code, failure.Phase, failure.IsRetryable));
        Assert.Contains("0.1 seconds", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MotionServerPhase.SessionToken)]
    [InlineData(MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerPhase.WebSocketHandshake)]
    public async Task ConnectAsync_CancelledInAStep_ThrowsCanceled(MotionServerPhase phase)
    {
        await using ScriptedServer server = await StalledAtAsync(phase, out Task reached);
        await using MotionServerClient client = server.Client();
        using CancellationTokenSource cancel = new();

        Task connecting = client.ConnectAsync("avatar", Format, cancel.Token);
        await reached.DefaultTimeout();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.DefaultTimeout());
    }

    [Theory]
    [InlineData(MotionServerPhase.SessionToken)]
    [InlineData(MotionServerPhase.WebSocketConnect)]
    [InlineData(MotionServerPhase.WebSocketHandshake)]
    public async Task DisposeAsync_WhileConnecting_EndsTheConnect(MotionServerPhase phase)
    {
        await using ScriptedServer server = await StalledAtAsync(phase, out Task reached);
        MotionServerClient client = server.Client();

        Task connecting = client.ConnectAsync("avatar", Format);
        await reached.DefaultTimeout();
        await client.DisposeAsync().AsTask().DefaultTimeout();
        await client.DisposeAsync().AsTask().DefaultTimeout();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => connecting.DefaultTimeout());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ConnectAsync("avatar", Format));
    }

    [Fact]
    public async Task DisposeAsync_OpenConnections_AreClosed()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        MotionServerClient client = server.Client();
        IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();

        await client.DisposeAsync().AsTask().DefaultTimeout();

        Assert.True(connection.Completion.IsCompletedSuccessfully);
        await server.ScriptEnded.Task.DefaultTimeout();
    }

    private static Task<ScriptedServer> StalledAtAsync(MotionServerPhase phase, out Task reached)
    {
        TaskCompletionSource signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        reached = signal.Task;
        return StartAsync();

        async Task<ScriptedServer> StartAsync()
        {
            ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
            {
                await socket.ReceiveAsync();
                signal.TrySetResult();
                await socket.StallAsync();
            });
            RequestDelegate stall = async context =>
            {
                signal.TrySetResult();
                await new ScriptedSocket(null!, context).StallAsync();
            };
            if (phase == MotionServerPhase.SessionToken)
            {
                server.OnToken = stall;
            }
            else if (phase == MotionServerPhase.WebSocketConnect)
            {
                server.OnUpgrade = stall;
            }

            return server;
        }
    }
}
