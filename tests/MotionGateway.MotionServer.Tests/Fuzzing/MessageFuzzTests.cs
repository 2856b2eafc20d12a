using System.Buffers;
using System.Net.WebSockets;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Fuzzing;

/// <summary>Messages of a server that has lost its mind: the connection ends or goes on, and says what it has to say in its own terms.</summary>
public sealed class MessageFuzzTests
{
    private const int MessagesPerConnection = 100;
    private static readonly int?[] CloseCodes = [null, 0, 999, 1000, 1001, 1006, 1011, 3000, 4001, 4002, 4003, 4010, 4503, 4999];

    private static readonly byte[][] Seeds =
    [
        Motion.Of("request", 3, avatarId: "avatar").ToByteArray(),
        Motion.Of("request", 1, end: true).ToByteArray(),
        Motion.WithUnknownFields(Motion.Of("r", 2)),
        Server(new Message { Type = MessageType.MessageServerError, ServerError = new ServerError { Code = 4001, Message = "credits exhausted", ReqId = "r", ConnectionId = "c" } }),
        Server(new Message { Type = MessageType.MessageServerError, ServerError = new ServerError { Code = 3, Message = "livekit_egress", ConnectionId = "c" } }),
        Server(new Message { Type = MessageType.MessageServerConfirmSession, ServerConfirmSession = new ServerConfirmSession { ConnectionId = "c", Capabilities = { "playback_control" } } }),
        Server(new Message { Type = MessageType.MessageServerPlaybackState, ServerPlaybackState = new ServerPlaybackState { ReqId = "r", PlayedMs = long.MaxValue, Reason = "explicit" } }),
        Server(new Message { Type = (MessageType)99 }),
        [],
    ];

    [Fact]
    [Trait("Category", "Fuzz")]
    public Task Messages_TenThousand_EndInTypedFailuresOnly() => RunAsync(10_000);

    [Fact]
    [Trait("Category", "Long")]
    public Task Messages_AMillion_EndInTypedFailuresOnly() => RunAsync(1_000_000);

    private static byte[] Server(Message message) => message.ToByteArray();

    private static async Task RunAsync(int messages)
    {
        int seed = TestSeed.GivenOrChance();
        int delivered = 0;
        for (int run = 0; run < messages / MessagesPerConnection; run++)
        {
            Random random = TestSeed.Of(seed, run);
            try
            {
                await HandshakeAsync(random).DefaultTimeout();
                delivered += await ConnectionAsync(random).DefaultTimeout();
            }
            catch (Exception exception)
            {
                Assert.Fail($"MOTIONGATEWAY_SEED={seed} fails in run {run}: {exception}");
            }
        }

        // A run that delivered nothing would have tested nothing.
        Assert.InRange(delivered, messages / 40, messages);
    }

    private static async Task HandshakeAsync(Random random)
    {
        MotionConnectionOptions options = new("avatar", new MotionAudioFormat(16000));
        using FuzzedWebSocket socket = new(random, Messages(random).Take(1), CloseCodes[random.Next(CloseCodes.Length)]);
        ConnectionContext context = new(new MotionServerOptions(), options, Secrets.None, TimeProvider.System, NullLogger.Instance, Region: null);
        using MessageAssembler assembler = new(socket, received: null, maxMessageBytes: 4096, ArrayPool<byte>.Shared);
        try
        {
            ServerConfirmSession confirmation = await Handshake.RunAsync(socket, assembler, context, CancellationToken.None);
            Assert.NotEmpty(confirmation.ConnectionId);
        }
        catch (MotionServerException failure)
        {
            Assert.Equal(MotionServerPhase.WebSocketHandshake, failure.Phase);
        }
        catch (WebSocketException)
        {
            // The step runner turns a lost connection into its failure.
        }
    }

    private static async Task<int> ConnectionAsync(Random random)
    {
        MotionServerOptions options = new() { MaxMessageBytes = 64 * 1024, ReceiveBufferBytes = random.Next(4) == 0 ? 64 * 1024 : 64 * 1024 * 1024 };
        MotionConnectionOptions connectionOptions = new("avatar", new MotionAudioFormat(16000));
        FuzzedWebSocket socket = new(random, Messages(random).Take(MessagesPerConnection), CloseCodes[random.Next(CloseCodes.Length)]);
        ConnectionContext context = new(options, connectionOptions, Secrets.None, TimeProvider.System, NullLogger.Instance, Region: null);
        await using MotionConnection connection = new(
            socket, new MessageAssembler(socket, received: null, options.MaxMessageBytes, ArrayPool<byte>.Shared), new ServerConfirmSession { ConnectionId = "c" }, context, _ => { });
        IMotionRequest[] requests = [connection.StartRequest("request"), connection.StartRequest("r")];
        connection.Start();
        int delivered = (await Task.WhenAll(requests.Select(request => ReadAsync(request, connection)))).Sum();
        try
        {
            await connection.Completion;
        }
        catch (MotionServerException failure)
        {
            Assert.NotNull(failure.Code.ToStableName());
        }

        return delivered;
    }

    // Each report interrupts the reading; the end ends it.
    private static async Task<int> ReadAsync(IMotionRequest request, MotionConnection connection)
    {
        int delivered = 0;
        for (bool isOver = false; !isOver;)
        {
            bool isLastRead = connection.Completion.IsCompleted;
            try
            {
                await foreach (MotionMessage message in request.ReadMotionAsync())
                {
                    delivered++;
                    Check(message);
                }

                isOver = true;
            }
            catch (MotionServerException failure)
            {
                Assert.Equal(MotionServerPhase.WebSocketRuntime, failure.Phase);
                // The reason of the end is thrown to whoever asks, again and again.
                isOver = isLastRead && ReferenceEquals(failure, connection.Completion.Exception?.InnerException) || failure.Code == MotionServerErrorCode.ConnectionClosed;
            }
        }

        return delivered;
    }

    // What was read in place is what the protobuf runtime reads, which also looks into the keyframes and may find fault there.
    private static void Check(MotionMessage message)
    {
        ServerResponseAnimation animation;
        try
        {
            animation = Message.Parser.ParseFrom(message.Envelope.Span).ServerResponseAnimation;
        }
        catch (InvalidProtocolBufferException)
        {
            return;
        }

        Assert.Equal(
            (animation.ConnectionId, animation.ReqId, animation.AvatarId, animation.End, animation.Animation?.Keyframes.Count ?? 0),
            (message.ConnectionId, message.RequestId, message.AvatarId ?? "", message.End, message.KeyframeCount));
    }

    private static IEnumerable<(byte[] Bytes, WebSocketMessageType Type)> Messages(Random random)
    {
        Mutator mutator = new(random);
        while (true)
        {
            byte[] bytes = mutator.Mutate(Seeds[random.Next(Seeds.Length)]);
            yield return (bytes, random.Next(50) == 0 ? WebSocketMessageType.Text : WebSocketMessageType.Binary);
        }
    }
}
