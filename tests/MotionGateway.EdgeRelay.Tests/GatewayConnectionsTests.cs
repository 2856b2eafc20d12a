namespace MotionGateway.EdgeRelay.Tests;

/// <summary>Over how many connections sessions are followed.</summary>
public sealed class GatewayConnectionsTests
{
    [Fact]
    public async Task Feeds_OfSeveralSessions_ComeByAllConnections()
    {
        await using var test = await RelayUnderTest.StartAsync();
        int connections = GatewayConnections.Names.Count;
        List<FakeSession> sessions = [.. Enumerable.Range(0, 2 * connections).Select(i => test.AddSession($"s{i}"))];
        foreach (var session in sessions)
        {
            using var viewer = await test.ConnectAsync(sessionId: session.Id);
            await viewer.StartAsync(start => start.ViewerToken = test.Token(session.Id));
            await viewer.ReceiveAsync();
        }

        var used = sessions.GroupBy(session => session.Connections.Single()).ToList();
        Assert.InRange(connections, 2, 4);
        Assert.Equal(connections, used.Count);
        Assert.All(used, some => Assert.Equal(2, some.Count()));
    }
}
