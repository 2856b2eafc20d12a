using Microsoft.Extensions.Time.Testing;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Telemetry;

/// <summary>What the instruments say, in a time that only the test lets pass.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class InstrumentTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Connection_FromTokenToClose_IsMeasuredInSecondsAndBytes()
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int audioBytes = 0;
        Message first = Motion.Of("r", 7);
        Message last = Motion.Of("r", 5, end: true);
        await using ScriptedServer console = await ScriptedServer.StartAsync();
        console.OnToken = async context =>
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await context.Response.Body.WriteAsync("""{"sessionToken":"t"}"""u8.ToArray());
        };
        await using ScriptedServer server = await ScriptedServer.StartAsync(async socket =>
        {
            await socket.ReceiveAsync();
            _time.Advance(TimeSpan.FromSeconds(4));
            await socket.SendAsync(new Message
            {
                Type = MessageType.MessageServerConfirmSession,
                ServerConfirmSession = new ServerConfirmSession { ConnectionId = "c" },
            });
            audioBytes = (await socket.ReceiveAsync())!.CalculateSize();
            _time.Advance(TimeSpan.FromSeconds(1.5));
            await socket.SendAsync(first);
            await goOn.Task;
            await socket.SendAsync(last);
            Assert.Null(await socket.ReceiveAsync());
            _time.Advance(TimeSpan.FromSeconds(5));
            await socket.CloseAsync(1000);
        });
        server.OnUpgrading = _ => _time.Advance(TimeSpan.FromSeconds(3));
        using Measurements measurements = new();
        await using MotionServerClient client = new(server.Options(options => (options.ConsoleUrl, options.CloseTimeout) = (console.Url, TimeSpan.FromSeconds(10))), timeProvider: _time);

        IMotionConnection connection = await client.ConnectAsync("avatar", new MotionAudioFormat(16000)).DefaultTimeout();
        IMotionRequest request = connection.StartRequest("r");
        await request.SendAsync(new byte[1000]);
        await using (IAsyncEnumerator<MotionMessage> motion = request.ReadMotionAsync().GetAsyncEnumerator())
        {
            Assert.True(await motion.MoveNextAsync().AsTask().DefaultTimeout());
            _time.Advance(TimeSpan.FromSeconds(0.25));
            goOn.SetResult();
            Assert.True(await motion.MoveNextAsync().AsTask().DefaultTimeout());
        }

        await connection.DisposeAsync().AsTask().DefaultTimeout();

        AssertSteps(measurements, console.Url, server.Url);
        Assert.Equal([1.5], measurements.Values("motion_server.client.request.time_to_first_motion"));
        Assert.Equal(["1.75 motion_server.outcome=completed"], measurements.Of("motion_server.client.request.duration"));
        Assert.Equal([6.75], measurements.Values("motion_server.client.connection.duration"));
        Assert.Equal([server.Url.Port], measurements.Tags("motion_server.client.connection.duration", "server.port"));
        Assert.Equal([7, 5], measurements.Values("motion_server.client.keyframes"));
        Assert.Equal(
            [$"{audioBytes} network.io.direction=transmit", $"{last.CalculateSize()} network.io.direction=receive", $"{first.CalculateSize()} network.io.direction=receive"],
            measurements.Of("motion_server.client.io").Order(StringComparer.Ordinal));
        Assert.Equal([1, 1, 1], measurements.Values("motion_server.client.messages"));
    }

    [Fact]
    public async Task Reconnects_EachFurtherAttempt_IsCounted()
    {
        using Measurements measurements = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnToken = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await using MotionServerClient client = server.Client();
        ReconnectingConnector connector = new(client, new ReconnectPolicy { MaxAttempts = 2 }, _time);

        Task connecting = connector.ConnectAsync("avatar", new MotionAudioFormat(16000));
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => connecting.IsCompleted);

        await connecting.Failure();
        Assert.Equal(["1 motion_server.retry=backoff", "1 motion_server.retry=backoff"], measurements.Of("motion_server.client.reconnects"));
    }

    private static void AssertSteps(Measurements measurements, Uri console, Uri ingress)
    {
        const string Name = "motion_server.client.step.duration";
        Assert.Equal(
            ["2 motion_server.step=token", "3 motion_server.step=connect", "4 motion_server.step=handshake", "5 motion_server.step=close"],
            measurements.Of(Name));
        Assert.Equal([console.Port, ingress.Port, ingress.Port, ingress.Port], measurements.Tags(Name, "server.port"));
        Assert.All(measurements.Tags(Name, "server.address"), address => Assert.Equal("127.0.0.1", address));
    }
}
