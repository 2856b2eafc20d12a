using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Hosting;

/// <summary>What a session holds at the most, whatever its speaker sends.</summary>
public sealed class SessionMemoryTests
{
    private readonly SimulatedWorld _world = new();
    private readonly SimulatedMotionServer _server;

    public SessionMemoryTests() => _server = new SimulatedMotionServer(_world);

    [Theory]
    [InlineData(1000)]
    [InlineData(3_500_000)]
    public void MaxTotalBytes_IsUsedUp_TwoSecondsOfSpeechAndOneChunkAreRead(int chunkBytes)
    {
        _server.PlanRequest = _ => new RequestPlan { Fault = RequestFault.Stall };
        var s = Open(CoreFixture.Paced with { MaxMotionWait = TimeSpan.FromSeconds(10) }, budget: 1);
        long waiting = 0;
        for (int i = 0; i < 1000 && !s.Session.MustStopReading(s.Lease, out waiting); i++)
        {
            _world.Do(() => s.Session.WriteAudio(s.Lease, "a", new byte[chunkBytes], endTurn: false));
        }

        Assert.Equal(16_000, s.Session.CreditBytes);
        Assert.InRange(waiting, 2 * 16_000, (2 * 16_000) + chunkBytes);

        // Speech is kept in pieces of 32 KiB.
        Assert.InRange(s.Budget.Held, waiting, waiting + (32 * 1024));
        s.Dispose();
    }

    [Fact]
    public void Send_ManyMessagesInSilence_OldestLeaveTheLog()
    {
        var s = Open(CoreFixture.AtOnce);
        SendMessages(s, 1200);

        Assert.InRange(s.Log.Bytes, 1, s.Session.Limits.Log.MaxBytes);
        Assert.Equal(s.Log.Bytes, s.Budget.Held);
        s.Dispose();
    }

    [Fact]
    public void Send_BeyondTheLogsBytesWhileUnheardMediaIsHeld_IsRefusedUntilItHasBeenHeard()
    {
        var s = Open(CoreFixture.AtOnce);
        _world.Do(() => s.Session.WriteAudio(s.Lease, "a", CoreFixture.Speech("a", 32_000), endTurn: true));
        _world.Pass(500);
        _world.Do(() => s.Session.PausePlayback(s.Lease));
        Assert.Equal(ErrorReason.MemoryLimit, Assert.Throws<GatewayException>(() => SendMessages(s, 2200)).Reason);
        Assert.InRange(s.Log.Bytes, 2 * s.Session.Limits.Log.MaxBytes, (2 * s.Session.Limits.Log.MaxBytes) + 20_000);

        _world.Do(() => s.Session.ResumePlayback(s.Lease));
        _world.Pass(2000);
        SendMessages(s, 1);
        Assert.InRange(s.Log.Bytes, 1, s.Session.Limits.Log.MaxBytes);
        s.Dispose();
    }

    private void SendMessages(SimulatedSession s, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _world.Do(() => s.Session.Send(s.Lease, new ViewerMessage { Kind = "transcript", Text = new string('x', 16_384) }));
        }
    }

    private SimulatedSession Open(SessionSettings settings, long budget = long.MaxValue)
    {
        var s = new SimulatedSession(_world, _server, settings, new SessionLimits(), budget: budget);
        s.Start();
        return s;
    }
}
