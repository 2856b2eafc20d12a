using System.Net;
using System.Text;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Fuzzing;

/// <summary>Upgrades that are answered with spoiled headers, bodies and frames: a connection comes out, or a typed failure.</summary>
public sealed class UpgradeFuzzTests
{
    private static readonly string[] Refusals =
        ["""{"message":"Invalid session token"}""", "Avatar not found", """{"errors":[{"status":"402","detail":"session denied"}]}""", "", "\u0000"];

    [Fact]
    [Trait("Category", "Fuzz")]
    public Task Upgrades_AThousand_GiveAConnectionOrATypedFailure() => RunAsync(1_000);

    [Fact]
    [Trait("Category", "Long")]
    public Task Upgrades_AHundredThousand_GiveAConnectionOrATypedFailure() => RunAsync(100_000);

    private static async Task RunAsync(int upgrades)
    {
        int seed = TestSeed.GivenOrChance();
        int connections = 0;
        for (int run = 0; run < upgrades; run++)
        {
            Random random = TestSeed.Of(seed, run);
            try
            {
                connections += await TryAsync(random).DefaultTimeout() ? 1 : 0;
            }
            catch (Exception exception)
            {
                Assert.Fail($"MOTIONGATEWAY_SEED={seed} fails at upgrade {run}: {exception}");
            }
        }

        Assert.InRange(connections, upgrades / 100, upgrades);
    }

    private static async Task<bool> TryAsync(Random random)
    {
        using HttpMessageInvoker http = new(new Answers(random));
        await using MotionServerClient client = new(
            new MotionServerOptions { AppId = "app", ApiKey = "key", ConsoleUrl = new Uri("http://127.0.0.1:9"), IngressUrl = new Uri("ws://127.0.0.1:9") }, http);
        try
        {
            await using IMotionConnection connection = await client.ConnectAsync("avatar", new MotionAudioFormat(16000));
            // Its server ends after the last frame, in whatever way.
            await Task.WhenAny(connection.Completion);
            return true;
        }
        catch (MotionServerException failure)
        {
            Assert.True(failure.Phase is MotionServerPhase.WebSocketConnect or MotionServerPhase.WebSocketHandshake, failure.ToString());
            Assert.DoesNotContain('\n', failure.Message);
            return false;
        }
    }

    private sealed class Answers(Random random) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(request.Method == HttpMethod.Post
                ? new HttpResponseMessage { Content = new StringContent("""{"sessionToken":"token"}""") }
                : random.Next(3) == 0 ? Refusal() : Upgraded(request));

        private HttpResponseMessage Refusal() => new((HttpStatusCode)random.Next(200, 600))
        {
            Content = new ByteArrayContent(new Mutator(random).Mutate(Encoding.UTF8.GetBytes(Refusals[random.Next(Refusals.Length)]))),
        };

        private HttpResponseMessage Upgraded(HttpRequestMessage request)
        {
            HttpResponseMessage response = new(HttpStatusCode.SwitchingProtocols) { Content = new Duplex(Frames()) };
            string accept = ScriptedUpgrade.Accept(request.Headers.GetValues("Sec-WebSocket-Key").Single());
            AddHeader(response, "Upgrade", "websocket", "h2c");
            AddHeader(response, "Connection", "Upgrade", "close");
            AddHeader(response, "Sec-WebSocket-Accept", accept, "c3BvaWxlZA==");
            if (random.Next(20) == 0)
            {
                response.Headers.TryAddWithoutValidation("Sec-WebSocket-Extensions", "permessage-deflate");
            }

            return response;
        }

        private void AddHeader(HttpResponseMessage response, string name, string right, string wrong)
        {
            if (random.Next(20) > 0)
            {
                response.Headers.TryAddWithoutValidation(name, random.Next(20) == 0 ? wrong : right);
            }
        }

        private byte[] Frames()
        {
            byte[] confirm = ScriptedFrames.Confirm("connection");
            byte[] rest = [.. ScriptedFrames.Binary(Motion.Of("r", 2)), .. ScriptedFrames.Text("hello"), .. ScriptedFrames.Ping(), .. ScriptedFrames.Close(1000, "bye")];
            Mutator mutator = new(random);
            return [.. random.Next(3) == 0 ? mutator.Mutate(confirm) : confirm, .. mutator.Mutate(rest)];
        }
    }

    /// <summary>An upgraded connection: gives its bytes and then ends; takes and drops what is written.</summary>
    private sealed class Duplex(byte[] bytes) : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new DuplexStream(bytes));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private sealed class DuplexStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
