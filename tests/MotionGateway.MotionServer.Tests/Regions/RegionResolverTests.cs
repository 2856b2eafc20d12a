using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Regions;

public sealed class RegionResolverTests
{
    private const string Good = """{"region":{"current":"ap-northeast"}}""";

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<int, string> BadAnswers => new()
    {
        { 500, Good },
        { 404, Good },
        { 201, Good },
        { 302, Good },
        { 200, "" },
        { 200, "us-west" },
        { 200, "<html>" },
        { 200, "null" },
        { 200, "[]" },
        { 200, "[\"us-west\"]" },
        { 200, """{"region":"us-west"}""" },
        { 200, """{"region":null}""" },
        { 200, """{"region":["us-west"]}""" },
        { 200, """{"region":{}}""" },
        { 200, """{"region":{"current":null}}""" },
        { 200, """{"region":{"current":7}}""" },
        { 200, """{"region":{"current":{"current":"us-west"}}}""" },
        { 200, """{"region":{"current":""}}""" },
        { 200, """{"region":{"current":"auto"}}""" },
        { 200, """{"region":{"current":"west"}}""" },
        { 200, """{"region":{"current":"US-WEST"}}""" },
        { 200, """{"region":{"current":"us_west"}}""" },
        { 200, """{"region":{"current":"us-west\n"}}""" },
        { 200, """{"region":{"current":" us-west"}}""" },
        { 200, """{"region":{"current":"-us-west"}}""" },
        { 200, """{"region":{"current":"us--west"}}""" },
        { 200, """{"region":{"current":"us-west-"}}""" },
        { 200, """{"region":{"current":"evil.example/-x"}}""" },
        { 200, """{"region":{"current":"us-wést"}}""" },
        { 200, """{"region":{"current":"\ud800-a"}}""" },
        { 200, $$$"""{"region":{"current":"a-{{{new string('b', 70)}}}"}}""" },
        { 200, new string('[', 5000) },
        { 200, $"{Good}x" },
        { 200, Good + new string(' ', 1024 * 1024) },
    };

    [Fact]
    public async Task ResolveAsync_BothUrlsExplicit_AsksNobody()
    {
        StubHttp http = new(() => StubHttp.Answer(Good));
        await using RegionResolver resolver = Resolver(http, options => (options.ConsoleUrl, options.IngressUrl) = (new Uri("http://a"), new Uri("ws://b")));

        Assert.Equal(new ResolvedRegion(null, RegionSource.ExplicitUrls), await resolver.ResolveAsync(default));
        Assert.Equal(0, http.Requests);
    }

    [Fact]
    public async Task ResolveAsync_OneUrlExplicit_StillAsks()
    {
        StubHttp http = new(() => StubHttp.Answer(Good));
        await using RegionResolver resolver = Resolver(http, options => options.ConsoleUrl = new Uri("http://a"));

        Assert.Equal(new ResolvedRegion("ap-northeast", RegionSource.Bootstrap), await resolver.ResolveAsync(default));
    }

    [Fact]
    public async Task ResolveAsync_NamedRegion_AsksNobody()
    {
        StubHttp http = new(() => StubHttp.Answer(Good));
        await using RegionResolver resolver = Resolver(http, options => options.Region = "cn-north");

        Assert.Equal(new ResolvedRegion("cn-north", RegionSource.Configured), await resolver.ResolveAsync(default));
        Assert.Equal(0, http.Requests);
    }

    [Fact]
    public async Task ResolveAsync_Auto_TellsTheAppAndThePlatformAndNoKey()
    {
        (HttpMethod Method, string Url, string? Type, string Body, string Headers) seen = default;
        StubHttp http = new(async (request, token) =>
        {
            seen = (request.Method, request.RequestUri!.AbsoluteUri, request.Content!.Headers.ContentType!.MediaType,
                await request.Content.ReadAsStringAsync(token), request.Headers.ToString());
            return StubHttp.Answer(Good);
        });
        await using RegionResolver resolver = Resolver(http);

        await resolver.ResolveAsync(default).DefaultTimeout();

        Assert.Equal((HttpMethod.Post, "https://global.spatialwalk.top/bootstrap", "application/json"), (seen.Method, seen.Url, seen.Type));
        JsonElement body = JsonDocument.Parse(seen.Body!).RootElement;
        Assert.Equal(["app_id", "sdk_version", "region", "platform"], body.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("app-1", "auto"), (body.GetProperty("app_id").GetString(), body.GetProperty("region").GetString()));
        Assert.Matches("^[0-9]", body.GetProperty("sdk_version").GetString());
        Assert.DoesNotContain(ScriptedServer.ApiKey, seen.Body + seen.Headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_Answer_IsKeptForFiveMinutes()
    {
        StubHttp http = new(() => StubHttp.Answer(Good));
        await using RegionResolver resolver = Resolver(http);

        await resolver.ResolveAsync(default).DefaultTimeout();
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        await resolver.ResolveAsync(default).DefaultTimeout();
        Assert.Equal(1, http.Requests);

        _time.Advance(TimeSpan.FromTicks(1));
        await resolver.ResolveAsync(default).DefaultTimeout();
        Assert.Equal(2, http.Requests);
    }

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task ResolveAsync_BadAnswer_IsTheDefault(int status, string body)
    {
        StubHttp http = new(() => StubHttp.Answer(body, (HttpStatusCode)status));
        RecordingLogs logs = new();
        await using RegionResolver resolver = new(Options(), http.Invoker(), _time, logs);

        ResolvedRegion region = await resolver.ResolveAsync(default).DefaultTimeout();

        Assert.Equal(new ResolvedRegion("us-west", RegionSource.Default), region);
        Assert.Contains("us-west is used", logs.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ResolveAsync_RandomDamage_IsARegionAlways()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int i = 0; i < 2000; i++)
        {
            byte[] body = System.Text.Encoding.UTF8.GetBytes(Good);
            for (int damage = random.Next(1, 5); damage > 0; damage--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            StubHttp http = new(() => new HttpResponseMessage { Content = new ByteArrayContent(body, 0, random.Next(body.Length + 1)) });
            await using RegionResolver resolver = Resolver(http);

            ResolvedRegion region = await resolver.ResolveAsync(default).DefaultTimeout();

            Assert.True(RegionResolver.IsName(region.Name), $"seed {seed}, run {i}: {region.Name}");
        }
    }

    [Fact]
    public async Task ResolveAsync_AnswerStops_IsTheLastGoodHoweverOldAndRecovers()
    {
        bool isDown = false;
        StubHttp http = new(() => isDown ? throw new HttpRequestException("down") : StubHttp.Answer(Good));
        await using RegionResolver resolver = Resolver(http);
        await resolver.ResolveAsync(default).DefaultTimeout();

        isDown = true;
        _time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(new ResolvedRegion("ap-northeast", RegionSource.LastGood), await resolver.ResolveAsync(default).DefaultTimeout());

        isDown = false;
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(new ResolvedRegion("ap-northeast", RegionSource.Bootstrap), await resolver.ResolveAsync(default).DefaultTimeout());
    }

    [Fact]
    public async Task ResolveAsync_AfterAFailure_AsksAgainAfterThirtySeconds()
    {
        StubHttp http = new(() => throw new HttpRequestException("down"));
        await using RegionResolver resolver = Resolver(http);

        for (int i = 0; i < 5; i++)
        {
            await resolver.ResolveAsync(default).DefaultTimeout();
        }

        _time.Advance(TimeSpan.FromSeconds(29));
        await resolver.ResolveAsync(default).DefaultTimeout();
        Assert.Equal(1, http.Requests);

        _time.Advance(TimeSpan.FromSeconds(1));
        await resolver.ResolveAsync(default).DefaultTimeout();
        Assert.Equal(2, http.Requests);
    }

    [Theory]
    [InlineData(10, 5)]
    [InlineData(2, 2)]
    public async Task ResolveAsync_NoAnswer_EndsAfterItsLimit(int stepSeconds, int limitSeconds)
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        StubHttp http = Stalled(asked);
        await using RegionResolver resolver = Resolver(http, options => options.StepTimeout = TimeSpan.FromSeconds(stepSeconds));

        Task<ResolvedRegion> resolving = resolver.ResolveAsync(default);
        await asked.Task.DefaultTimeout();
        _time.Advance(TimeSpan.FromSeconds(limitSeconds) - TimeSpan.FromTicks(1));
        Assert.False(resolving.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(RegionSource.Default, (await resolving.DefaultTimeout()).Source);
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(NotSupportedException))]
    [InlineData(typeof(TaskCanceledException))]
    public async Task ResolveAsync_HandlerThrowsAnything_IsTheDefault(Type type)
    {
        StubHttp http = new(() => throw (Exception)Activator.CreateInstance(type)!);
        await using RegionResolver resolver = Resolver(http);

        Assert.Equal("us-west", (await resolver.ResolveAsync(default).DefaultTimeout()).Name);
    }

    [Fact]
    public async Task ResolveAsync_ManyCallers_ShareOneRequestThatNoneOfThemEnds()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        StubHttp http = new(async (_, token) =>
        {
            asked.TrySetResult();
            await go.Task.WaitAsync(token);
            return StubHttp.Answer(Good);
        });
        await using RegionResolver resolver = Resolver(http);
        using CancellationTokenSource cancel = new();

        Task<ResolvedRegion> first = resolver.ResolveAsync(cancel.Token);
        await asked.Task.DefaultTimeout();
        Task<ResolvedRegion>[] others = [.. Enumerable.Range(0, 20).Select(_ => resolver.ResolveAsync(default))];
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.DefaultTimeout());
        go.SetResult();

        Assert.All(await Task.WhenAll(others).DefaultTimeout(), region => Assert.Equal("ap-northeast", region.Name));
        Assert.Equal(1, http.Requests);
    }

    [Fact]
    public async Task DisposeAsync_WhileAsking_EndsTheRequest()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RegionResolver resolver = Resolver(Stalled(asked));

        Task<ResolvedRegion> resolving = resolver.ResolveAsync(default);
        await asked.Task.DefaultTimeout();
        await resolver.DisposeAsync().AsTask().DefaultTimeout();
        await resolver.DisposeAsync().AsTask().DefaultTimeout();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resolving.DefaultTimeout());
    }

    private static StubHttp Stalled(TaskCompletionSource asked) => new(async (_, token) =>
    {
        asked.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, token);
        return null!;
    });

    private static MotionServerOptions Options(Action<MotionServerOptions>? change = null)
    {
        MotionServerOptions options = new() { AppId = ScriptedServer.AppId, ApiKey = ScriptedServer.ApiKey, Region = "auto" };
        change?.Invoke(options);
        return options;
    }

    private RegionResolver Resolver(StubHttp http, Action<MotionServerOptions>? change = null) =>
        new(Options(change), http.Invoker(), _time, NullLogger.Instance);
}
