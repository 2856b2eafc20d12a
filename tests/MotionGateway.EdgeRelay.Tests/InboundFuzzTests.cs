using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using MotionGateway.EdgeRelay.Tests.Published;
using MotionGateway.Feeds;
using MotionGateway.Protocol;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>
/// Whatever a viewer sends, in every format: it is read, ignored or refused, and nothing else. The variable
/// <c>MOTIONGATEWAY_FUZZ_MESSAGES</c> says how many messages of each, 10000 where it is not set.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class InboundFuzzTests
{
    private static readonly int Count =
        int.Parse(Environment.GetEnvironmentVariable("MOTIONGATEWAY_FUZZ_MESSAGES") ?? "10000", CultureInfo.InvariantCulture);

    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    private static readonly string[] Texts =
    [
        """{"type": "ping"}""", """{"type": "play_sample", "clip": "x"}""", """{"type": "start_agent", "language": "en"}""",
        """{"type": "mic_audio", "audio": "AAECAw=="}""", """{"type": "mic_end"}""", """{"type": "text", "text": "hello \ud83d\ude00"}""",
        """{"type": "text_query", "text": "x"}""", """{"type": "interrupt"}""", """{"type": "set_avatar", "avatarId": null}""",
        """{"type": "speak", "voice": "x"}""", """{"action": "start", "avatar_id": "x", "sample_rate": 16000}""",
        """{"start": {"viewerToken": "x.y.z", "position": {"epoch": 1, "sequence": "7"}}}""", """{"viewerEvent": {"text": "x"}}""",
        """{"viewerEvent": {"playback": {"turnId": "x", "playedSamples": "5", "state": "PLAYBACK_STATE_PLAYING"}}}""",
        """{"acknowledge": {"position": {"epoch": 1, "sequence": "7"}}}""", """{"renewToken": {"viewerToken": "x"}}""",
        """{"heartbeat": {"time": "2026-01-01T00:00:00Z"}}""",
    ];

    [Theory]
    [InlineData("agent")]
    [InlineData("host")]
    [InlineData("binary")]
    [InlineData("raw")]
    public void Published_AnyMessage_IsReadOrIgnored(string name)
    {
        IPublishedKind kind = name switch
        {
            "agent" => new AgentKind(),
            "host" => new HostJsonKind(),
            _ => new HostBinaryKind(isRaw: name == "raw"),
        };
        using var format = new PublishedFormat(
            new PublishedFrames(kind), new StartFeed { ViewerToken = "x" }, new EdgeRelayOptions(), demo: null, () => TimeSpan.Zero);
        int starts = 0;
        ForEachMessage(message =>
        {
            var request = format.Decode(message);
            starts += request.Start is not null ? 1 : 0;
            Assert.True(request.Start is not null || request.Heartbeat is not null || request.ViewerEvent is not null);
        });

        // However much was asked: a client that does not read is not answered for ever.
        int answers = 0;
        while (format.TryTake(out _))
        {
            answers++;
        }

        Assert.InRange(answers, kind is AgentKind ? 1 : 0, 16);
        Assert.Equal(kind.AwaitsStart ? 1 : 0, starts);
    }

    [Fact]
    public void Feeds_AnyMessage_IsReadOrRefusedAsMalformed()
    {
        foreach (var format in FeedFormats.All)
        {
            int read = 0, refused = 0;
            ForEachMessage(message =>
            {
                try
                {
                    format.Decode(message);
                    read++;
                }
                catch (GatewayException failure)
                {
                    Assert.Equal(ErrorReason.MalformedRequest, failure.Reason);
                    refused++;
                }
            });
            Assert.True(read > 0 && refused > 0, $"{format.Name}: {read} read, {refused} refused");
        }
    }

    [Fact]
    public void Addresses_AnyText_IsNoTokenAndNoPositionByChance() => ForEachMessage(message =>
    {
        string text = Encoding.Latin1.GetString(message.Span);
        Assert.Null(ViewerTokens.ReadSessionId(text));
        if (EventStreamFormat.TryReadId(text, out var position))
        {
            Assert.Equal($"{position.Epoch}-{position.Sequence}", text.TrimStart('0'));
        }
    });

    [Fact]
    public async Task Agent_ManyMessagesOnOneSocket_LeaveItAlive()
    {
        await using var test = await RelayUnderTest.StartAsync();
        var session = test.AddSession();
        string token = test.Token(permissions: ViewerPermissions.Talk);
        using var client = await PublishedClient.ConnectAsync(test, $"/d/{token}/ws/agent");
        await client.ReceiveTypeAsync("ready");
        var reading = client.ReceiveTypeAsync("avatar_audio");
        await ForEachMessageAsync(Math.Min(Count, 10_000), message => client.SendAsync(
            message.ToArray(), System.Text.Unicode.Utf8.IsValid(message.Span) ? WebSocketMessageType.Text : WebSocketMessageType.Binary));

        // An interrupt among them would silence the turn, if it were read behind the turn's start.
        byte[] last = """{"type": "text", "text": "the last"}"""u8.ToArray();
        await client.SendAsync(last, WebSocketMessageType.Text);
        while (!session.Events.Any(viewerEvent => viewerEvent.Text == "the last"))
        {
            // Too many texts were sent before it: some are refused.
            await Task.Delay(Again);
            await client.SendAsync(last, WebSocketMessageType.Text);
        }

        session.Start("t1");
        session.Audio("t1");

        await reading;
    }

    private static void ForEachMessage(Action<ReadOnlyMemory<byte>> take) => ForEachMessageAsync(Count, message =>
    {
        take(message);
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    private static async Task ForEachMessageAsync(int count, Func<ReadOnlyMemory<byte>, Task> take)
    {
        int seed = TestSeed.GivenOrChance();
        for (int run = 0; run < count; run++)
        {
            byte[] message = Make(TestSeed.Of(seed, run));
            try
            {
                await take(message);
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"Seed {seed}, message {run}: {Convert.ToHexString(message)}", exception);
            }
        }
    }

    private static byte[] Make(Random random)
    {
        if (random.Next(8) == 0)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        string text = Texts[random.Next(Texts.Length)];
        byte[] message = random.Next(4) == 0 && TryParse(text) is { } request ? request.ToByteArray() : Encoding.UTF8.GetBytes(text);
        int changes = random.Next(4);
        for (int i = 0; i < changes && message.Length > 0; i++)
        {
            message = Change(message, random);
        }

        return message;
    }

    private static SubscribeRequest? TryParse(string text)
    {
        try
        {
            return JsonParser.Default.Parse<SubscribeRequest>(text);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static byte[] Change(byte[] message, Random random)
    {
        int at = random.Next(message.Length);
        switch (random.Next(5))
        {
            case 0:
                message[at] = (byte)random.Next(256);
                return message;
            case 1:
                return message[..at];
            case 2:
                return [.. message[..at], .. message[at..], .. message[at..]];
            case 3:
                return [.. message[..at], .. Encoding.UTF8.GetBytes(new string('[', random.Next(100))), .. message[at..]];
            default:
                return [.. message[..at], .. "\\ud800"u8, .. message[at..]];
        }
    }
}
