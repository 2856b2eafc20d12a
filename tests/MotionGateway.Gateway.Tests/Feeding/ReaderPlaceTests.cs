using Grpc.Core;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.Gateway.Tests;

/// <summary>Readers' names and places.</summary>
public sealed class ReaderPlaceTests : IAsyncLifetime
{
    private const int MaxReaders = 3;

    private GatewayUnderTest _gateway = null!;
    private Speaker _speaker = null!;

    private string SessionId => _speaker.SessionId;

    public async Task InitializeAsync()
    {
        _gateway = await GatewayUnderTest.StartAsync(
            options => options.Limits = options.Limits with { Log = options.Limits.Log with { MaxReaders = MaxReaders } });
        _speaker = await Speaker.OpenAsync(_gateway.Speech);
    }

    public async Task DisposeAsync()
    {
        _speaker.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task MaxReaders_SoMany_AreTakenAndOneMoreIsToldToComeBackLater()
    {
        var readers = await Task.WhenAll(Enumerable.Range(0, MaxReaders).Select(_ => FeedReader.OpenAsync(_gateway.Feed, SessionId)));

        var fault = await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(_gateway.Feed, SessionId));

        Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal(ErrorReason.ReaderLimit, failure.Reason);
        Assert.True(failure.EffectiveRetryAfter > TimeSpan.Zero);
        Assert.Equal(MaxReaders + 1, (await _gateway.GetSessionAsync(SessionId)).ReaderCount);
        await SayAsync("one");
        await Task.WhenAll(readers.Select(reader => reader.TurnEndedAsync("one")));
        Array.ForEach(readers, reader => reader.Dispose());
    }

    [Fact]
    public async Task MaxReaders_APlaceThatWasLeft_IsFree()
    {
        var readers = await Task.WhenAll(Enumerable.Range(0, MaxReaders).Select(_ => FeedReader.OpenAsync(_gateway.Feed, SessionId)));
        readers[0].Dispose();
        await Testing.Eventually.EqualAsync(
            MaxReaders, () => _gateway.Sessions.GetSession(new GetSessionRequest { SessionId = SessionId }).Session.ReaderCount);

        using var another = await FeedReader.OpenAsync(_gateway.Feed, SessionId);

        Array.ForEach(readers, reader => reader.Dispose());
    }

    [Fact]
    public async Task MaxReaders_AFeedThatTakesItsOwnOlderOnesPlace_IsNotOneMore()
    {
        var others = await Task.WhenAll(Enumerable.Range(1, MaxReaders - 1).Select(_ => FeedReader.OpenAsync(_gateway.Feed, SessionId)));
        using var older = await OpenAsync("relay");

        using var newer = await OpenAsync("relay");
        var fault = await older.ReadToFailureAsync();
        await SayAsync("one");
        await newer.TurnEndedAsync("one");

        Assert.StartsWith("SUPERSEDED", fault.Status.Detail, StringComparison.Ordinal);
        Array.ForEach(others, reader => reader.Dispose());
    }

    [Theory]
    [InlineData(1u, 999)]
    [InlineData(7u, 0)]
    public async Task ALaterFeedThatCannotBegin_LeavesTheOlderOneAlone(uint epoch, long sequence)
    {
        using var healthy = await OpenAsync("relay");

        await Assert.ThrowsAsync<RpcException>(() => FeedReader.OpenAsync(_gateway.Feed, SessionId, start =>
        {
            start.ReaderId = "relay";
            start.Position = new Position { Epoch = epoch, Sequence = sequence };
        }));
        await SayAsync("one");

        Assert.Equal(TurnOutcome.Completed, (await healthy.TurnEndedAsync("one")).Outcome);
    }

    [Fact]
    public async Task TheSameName_OfAnotherViewerOrOfAService_IsAnotherReader()
    {
        using var service = await OpenAsync("same");
        using var first = await OpenAsync("same", await TokenAsync("first"));
        using var second = await OpenAsync("same", await TokenAsync("second"));
        using var again = await OpenAsync("same", await TokenAsync("second"));

        await second.ReadToFailureAsync();
        await SayAsync("one");

        Assert.All(await Task.WhenAll(service.TurnEndedAsync("one"), first.TurnEndedAsync("one"), again.TurnEndedAsync("one")),
            ended => Assert.Equal(TurnOutcome.Completed, ended.Outcome));
    }

    [Theory]
    [InlineData("alice@example.com")]
    [InlineData("relay/eu-1:7")]
    [InlineData("äöü")]
    public async Task ReaderId_OfAnyCharacters_IsTaken(string name)
    {
        using var reader = await OpenAsync(name);

        Assert.Equal(name, reader.Started.ReaderId);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public async Task ReaderId_Of64Bytes_IsTheLongest(int characters, bool isTaken)
    {
        string name = new('ä', characters);
        if (isTaken)
        {
            using var reader = await OpenAsync(name);
            Assert.Equal(name, reader.Started.ReaderId);
            return;
        }

        var fault = await Assert.ThrowsAsync<RpcException>(() => OpenAsync(name));
        Assert.True(RpcErrors.TryRead(fault, out var failure));
        Assert.Equal((ErrorReason.InvalidRequest, "start.reader_id"), (failure.Reason, failure.Field));
    }

    private Task<FeedReader> OpenAsync(string name, string token = "") => FeedReader.OpenAsync(_gateway.Feed, SessionId, start =>
    {
        start.ReaderId = name;
        start.ViewerToken = token;
    });

    private async Task<string> TokenAsync(string viewerId)
    {
        var request = new CreateViewerTokenRequest { SessionId = SessionId, ViewerId = viewerId };
        return (await _gateway.Sessions.CreateViewerTokenAsync(request)).ViewerToken;
    }

    private async Task SayAsync(string turnId)
    {
        await _speaker.SayAsync(Speech.Create(16000, 800), turnId);
        await _speaker.TurnEndedAsync(turnId);
    }
}
