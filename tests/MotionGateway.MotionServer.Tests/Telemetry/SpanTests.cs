using System.Diagnostics;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Telemetry;

/// <summary>What the spans of the steps say.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class SpanTests
{
    private static readonly MotionAudioFormat Format = new(16000);

    [Fact]
    public async Task Steps_ThatSucceed_NameTheServerAndNoError()
    {
        await using ScriptedServer console = await ScriptedServer.StartAsync();
        await using ScriptedServer ingress = await ScriptedServer.StartAsync();
        await using MotionServerClient client = new(ingress.Options(options => options.ConsoleUrl = console.Url));
        using SpansOfThisTest spans = new();

        await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
        await connection.StartRequest().SayAsync(new byte[2]);
        await connection.CloseAsync().DefaultTimeout();

        Assert.Equal(
            [
                $"motion_server close {ingress.Url.Port}", $"motion_server connect {ingress.Url.Port}", $"motion_server handshake {ingress.Url.Port}",
                $"motion_server request {ingress.Url.Port}", $"motion_server token {console.Url.Port}",
            ],
            spans.Select(span => $"{span.OperationName} {span.GetTagItem("server.port")}").Order(StringComparer.Ordinal));
        Assert.All(spans, span => Assert.Equal(
            ("127.0.0.1", null, ActivityStatusCode.Unset, ActivityKind.Client),
            (span.GetTagItem("server.address"), span.GetTagItem("error.type"), span.Status, span.Kind)));
    }

    [Theory]
    [InlineData("token", "serverError")]
    [InlineData("connect", "serverError")]
    [InlineData("handshake", "upstreamError")]
    [InlineData("close", null)]
    public async Task Step_ThatFails_NamesTheServerAndTheError(string step, string? errorType)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await (step == "handshake" ? socket.CloseAsync(4503) : socket.ConfirmAsync());
            await socket.StallAsync();
        });
        Microsoft.AspNetCore.Http.RequestDelegate refuse = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        server.OnToken = step == "token" ? refuse : server.OnToken;
        server.OnUpgrade = step == "connect" ? refuse : null;
        using Measurements measurements = new();
        using SpansOfThisTest spans = new();
        await using MotionServerClient client = server.Client();

        if (step == "close")
        {
            await using IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
            // Cut short in the midst of it.
            await connection.CloseAsync(new CancellationToken(true)).DefaultTimeout();
        }
        else
        {
            await client.ConnectAsync("avatar", Format).Failure();
        }

        Activity span = Assert.Single(spans, span => span.OperationName == $"motion_server {step}");
        Assert.Equal(
            ("127.0.0.1", server.Url.Port, ActivityStatusCode.Error),
            (span.GetTagItem("server.address"), span.GetTagItem("server.port"), span.Status));
        // A goodbye that is cut short fails by whatever the socket throws then.
        string told = Assert.IsType<string>(span.GetTagItem("error.type"));
        Assert.Equal(errorType ?? told, told);
        Assert.Equal(told, measurements.Tags("motion_server.client.step.duration", "error.type")[^1]);
    }

    [Theory]
    [InlineData("http://[::1]:8080/", "::1", 8080)]
    [InlineData("https://api.us-west.spatius.ai/", "api.us-west.spatius.ai", 443)]
    [InlineData("http://bücher.example/", "xn--bcher-kva.example", 80)]
    public void Peer_AddressAndPort_AreAsTheConventionsNameThem(string url, string address, int port) => Assert.Equal(
        [new("motion_server.region", "us-west"), new("server.address", address), new("server.port", port)],
        new Peer("us-west", new Uri(url)).Tags().ToArray());
}
