using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Protocol;
using MotionGateway.Sessions;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>A defect of the gateway reaches its log with its stack and ids; its caller is told that, and no more.</summary>
public sealed class DefectTests
{
    [Fact]
    public async Task Speak_ADefectInARequest_IsLoggedWithItsStackAndIds()
    {
        var clock = new BrokenClock();
        await using var gateway = await GatewayUnderTest.StartAsync(time: clock);
        gateway.Log.Expect(IsDefect);
        using var speaker = await Speaker.OpenAsync(gateway.Speech);
        string connection = (await gateway.GetSessionAsync(speaker.SessionId)).ConnectionId;

        clock.IsBroken = true;
        await speaker.SendAudioAsync(new byte[320], "one");
        var fault = await speaker.WaitForFailureAsync();

        AssertTold(fault);
        var entry = Assert.Single(gateway.Log.Entries, IsDefect);
        Assert.Equal(LogLevel.Error, entry.Level);
        Assert.Contains(new("SessionId", speaker.SessionId), entry.Scope);
        Assert.Contains(connection, entry.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(BrokenClock), entry.Exception!.StackTrace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unary")]
    [InlineData("watch")]
    [InlineData("subscribe")]
    public async Task AnyCall_ADefectInIt_IsLoggedWithItsStackAndIds(string kind)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(
            extend: builder => builder.Services.AddSingleton<ISessionDirectory, BrokenDirectory>());
        gateway.Log.Expect(IsDefect);

        var fault = await Assert.ThrowsAsync<RpcException>(() => kind switch
        {
            "unary" => gateway.Sessions.GetSessionAsync(new GetSessionRequest { SessionId = "s-1" }).ResponseAsync,
            "watch" => gateway.Sessions.WatchSession(new WatchSessionRequest { SessionId = "s-1" }).ResponseStream.MoveNext(CancellationToken.None),
            _ => FeedReader.OpenAsync(gateway.Feed, "s-1"),
        });

        AssertTold(fault);
        var entry = Assert.Single(gateway.Log.Entries, IsDefect);
        Assert.Equal(LogLevel.Error, entry.Level);
        Assert.Contains(new("SessionId", "s-1"), entry.Scope);
        Assert.Contains(nameof(BrokenDirectory), entry.Exception!.StackTrace, StringComparison.Ordinal);
    }

    private static bool IsDefect(LogEntry entry) => entry.Exception is NotSupportedException;

    private static void AssertTold(RpcException fault)
    {
        Assert.Equal(StatusCode.Internal, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.Internal, failure.Reason);
        Assert.DoesNotContain("a defect", fault.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A clock that fails once, in whoever asks it next.</summary>
    private sealed class BrokenClock : FakeTimeProvider
    {
        private int _isBroken;

        public BrokenClock() => SetUtcNow(DateTimeOffset.UtcNow);

        public bool IsBroken
        {
            set => Volatile.Write(ref _isBroken, value ? 1 : 0);
        }

        public override long GetTimestamp() => Interlocked.Exchange(ref _isBroken, 0) == 0
            ? base.GetTimestamp()
            : throw new NotSupportedException("a defect");
    }

    private sealed class BrokenDirectory : ISessionDirectory
    {
        public IEnumerable<Sessions.Session> Owned => [];

        public ValueTask<(string Id, uint Epoch)> ClaimAsync(CancellationToken cancellationToken) => throw new NotSupportedException("a defect");

        public void Add(Sessions.Session session) => throw new NotSupportedException("a defect");

        public void Remove(Sessions.Session session) => throw new NotSupportedException("a defect");

        public ValueTask<Sessions.Session?> FindAsync(string id, CancellationToken cancellationToken) =>
            throw new NotSupportedException("a defect");
    }
}
