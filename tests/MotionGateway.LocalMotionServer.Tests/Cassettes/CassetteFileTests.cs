using System.Text;
using System.Text.Json;
using Google.Protobuf;
using MotionGateway.LocalMotion.Cassettes;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

public sealed class CassetteFileTests : IDisposable
{
    private const string Header = """{"format":"motiongateway-cassette","version":1,"created":"2030-01-01T00:00:00+00:00"}""";
    private const string Upgrade = """{"ms":1,"kind":"upgrade","connection":1,"status":101,"avatarId":"a"}""";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly TemporaryCassette _cassette = new();

    public static TheoryData<string[], string> WrongOnes => new()
    {
        { ["{\"format\":\"motiongateway-cassette\",\"version\":2}"], ":1: version 2 of the format is not known here" },
        { [Header], "holds nothing but its first line" },
        { [Header, Upgrade, "{broken"], ":3: is not an entry of a cassette (not JSON from byte 2 on)" },
        { [Header, "{\"ms\":\"soon\",\"kind\":\"token\"}"], ":2: is not an entry of a cassette (wrong value at ms)" },
        { [Header, Upgrade, "{\"ms\":2,\"kind\":\"message\",\"connection\":1,\"from\":\"server\",\"data\":\"%%\"}"], ":3: \"data\" is not base64" },
        { [Header, "{\"ms\":2,\"kind\":\"message\",\"connection\":4,\"from\":\"server\"}"], ":2: \"connection\" names none" },
        { [Header, Upgrade, Upgrade], ":3: connection 1 has been opened before" },
        { [Header, Upgrade, "{\"ms\":2,\"kind\":\"message\",\"connection\":1,\"from\":\"moon\"}"], ":3: \"from\" is neither" },
        { [Header, "{\"ms\":2,\"kind\":\"dance\"}"], ":2: \"kind\" is 'dance'" },
        { [Header, "{\"ms\":2,\"kind\":\"token\",\"status\":7}"], ":2: \"status\" is no HTTP status" },
        { [Header, "{\"ms\":1e300,\"kind\":\"token\",\"status\":400}"], ":2: \"ms\" is not within" },
        { [Header, Upgrade, "{\"ms\":5e9,\"kind\":\"cut\",\"connection\":1,\"from\":\"server\"}"], ":3: \"ms\" is not within" },
        { [Header, Upgrade, "{\"ms\":-1,\"kind\":\"cut\",\"connection\":1,\"from\":\"server\"}"], ":3: \"ms\" is not within" },
        { [Header, Upgrade, Close(99)], ":3: \"code\" is no close code" },
        { [Header, Upgrade, Close(1015)], ":3: \"code\" is no close code" },
        { [Header, Upgrade, Close(1006)], "make it a line of kind 'cut'" },
        { [Header, Upgrade, Close(1005, "why")], ":3: \"reason\" stands beside code 1005" },
        { [Header, Upgrade, Close(1000, new string('é', 62))], ":3: \"reason\" is longer than 123 bytes" },
        { [Header, "{\"kind\":\"token\",\"status\":400,\"retryAfter\":\"1\\n2\"}"], ":2: \"retryAfter\" cannot be sent" },
        { [Header, "{\"kind\":\"token\",\"status\":200,\"omittedBytes\":10000000000}"], ":2: \"omittedBytes\" of an answer is not within" },
        { ["{\"version\":1}"], "is neither a cassette nor a recording" },
        { ["plain text"], ":1: is neither a cassette nor the JSON form" },
    };

    public void Dispose() => _cassette.Dispose();

    [Theory]
    [MemberData(nameof(WrongOnes))]
    public async Task Replay_OfAWrongFile_SaysWhereAndWhatToDo(string[] lines, string problem)
    {
        _cassette.Write(lines);
        CassetteException failure = await Assert.ThrowsAsync<CassetteException>(() => _cassette.ReplayAsync());
        Assert.StartsWith(_cassette.Path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_OfATruncatedFile_NamesTheLastLine()
    {
        File.WriteAllText(_cassette.Path, $"{Header}\n{Upgrade}\n{{\"ms\":2,\"ki");
        CassetteException failure = await Assert.ThrowsAsync<CassetteException>(() => _cassette.ReplayAsync());
        Assert.Equal((3, true), (failure.Line, failure.Message.Contains("the last line is cut off", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Replay_OfAMissingFile_SaysSo()
    {
        CassetteException failure = await Assert.ThrowsAsync<CassetteException>(() => _cassette.ReplayAsync());
        Assert.Contains("cannot be read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_Paced_KeepsTheRecordedTimes()
    {
        _cassette.Write(
            Header,
            Upgrade,
            Line(100, "client", new Message { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = new ClientConfigureSession { SampleRate = 16000 } }),
            Line(150, "server", new Message { Type = MessageType.MessageServerConfirmSession, ServerConfirmSession = new ServerConfirmSession { ConnectionId = "c" } }),
            Line(1000, "client", Audio(bytes: 100, end: false)),
            Line(1500, "client", Audio(bytes: 100, end: false)),
            Line(2000, "server", Animation(keyframes: 1, end: false)),
            Line(3000, "client", Audio(bytes: 100, end: true)),
            Line(3250, "server", Animation(keyframes: 2, end: true)));
        var clock = new ObservedTimeProvider();
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(
            new LocalMotionServerOptions { Replay = _cassette.Path, Pace = ProcessingPace.RealTime, TimeProvider = clock });
        DateTimeOffset begin = clock.GetUtcNow();
        using RawClient client = await RawClient.ConnectAsync(server, "a", await RawClient.TokenAsync(server, now: begin));
        Task<Message> confirm = client.ConfigureAsync(new ClientConfigureSession { SampleRate = 16000 });
        await clock.WaitForTimerAsync(begin.AddMilliseconds(50));
        clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.NotEqual("c", (await confirm).ServerConfirmSession.ConnectionId);

        // A client that sends all its audio at once still gets the first motion a second after it.
        DateTimeOffset first = clock.GetUtcNow();
        await client.SendAudioAsync("live", new byte[200]);
        await clock.WaitForTimerAsync(first.AddSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await client.ReceiveAsync())!.ServerResponseAnimation.Animation.Keyframes);

        // What came after the end comes after the end, however late that is.
        clock.Advance(TimeSpan.FromSeconds(10));
        DateTimeOffset end = clock.GetUtcNow();
        await client.SendAudioAsync("live", Array.Empty<byte>(), end: true);
        await clock.WaitForTimerAsync(end.AddMilliseconds(250));
        clock.Advance(TimeSpan.FromMilliseconds(250));
        ServerResponseAnimation last = (await client.ReceiveAsync())!.ServerResponseAnimation;
        Assert.Equal(("live", true, 2), (last.ReqId, last.End, last.Animation.Keyframes.Count));
    }

    [Fact]
    public async Task Replay_AtOnce_WaitsForTheAudioThatCameBefore()
    {
        _cassette.Write(
            Header,
            Upgrade,
            Line(1, "client", new Message { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = new ClientConfigureSession { SampleRate = 16000 } }),
            Line(2, "server", new Message { Type = MessageType.MessageServerConfirmSession, ServerConfirmSession = new ServerConfirmSession { ConnectionId = "c" } }),
            Line(3, "client", Audio(bytes: 100, end: false)),
            Line(5000, "server", Animation(keyframes: 1, end: false)),
            Line(6000, "client", Audio(bytes: 100, end: false)),
            Line(7000, "server", Animation(keyframes: 2, end: false)));
        await using LocalMotionServer server = await _cassette.ReplayAsync();
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendAudioAsync("live", new byte[150]);
        Assert.Single((await client.ReceiveAsync())!.ServerResponseAnimation.Animation.Keyframes);
        Task<Message?> second = client.ReceiveAsync();
        await Eventually.TrueAsync(() => server.Counters.MessagesReceived == 2);
        Assert.False(second.IsCompleted);
        await client.SendAudioAsync("live", new byte[50]);
        Assert.Equal(2, (await second)!.ServerResponseAnimation.Animation.Keyframes.Count);
    }

    [Fact]
    public async Task Replay_OfARecordingInJson_AnswersWithItsMotion()
    {
        byte[][] envelopes = [Animation(keyframes: 50, end: false).ToByteArray(), [.. Animation(keyframes: 12, end: true).ToByteArray(), 0xFA, 0x06, 0x01, 0x41]];
        File.WriteAllText(_cassette.Path, JsonSerializer.Serialize(new
        {
            sample_rate = 16000,
            audio_base64 = Convert.ToBase64String(new byte[80_000]),
            connection_id = "c",
            req_id = "recorded",
            animation_messages_base64 = envelopes.Select(Convert.ToBase64String),
        }, Indented));
        await using LocalMotionServer server = await _cassette.ReplayAsync();
        using RawClient client = await RawClient.OpenAsync(server);
        await client.SendAudioAsync("live", new byte[64_000]);
        Assert.Equal(50, (await client.ReceiveAsync())!.ServerResponseAnimation.Animation.Keyframes.Count);
        await client.SendAudioAsync("live", new byte[16_000], end: true);
        byte[] last = (await client.ReceiveRawAsync())!;

        ServerResponseAnimation parsed = Message.Parser.ParseFrom(last).ServerResponseAnimation;
        Assert.Equal((client.ConnectionId, "live", true, 12), (parsed.ConnectionId, parsed.ReqId, parsed.End, parsed.Animation.Keyframes.Count));
        Assert.Equal([0xFA, 0x06, 0x01, 0x41], last[^4..]);
    }

    [Theory]
    [InlineData("audio_base64", "audio_base64 is not base64")]
    [InlineData("message", "animation_messages_base64[0] is not base64")]
    [InlineData("protobuf", "animation_messages_base64[0] is no message of the protocol")]
    [InlineData("other", "animation_messages_base64[0] is no message with an animation")]
    [InlineData("rate", "sample_rate 11025 is none of")]
    public async Task Replay_OfAWrongRecordingInJson_NamesWhatIsWrong(string wrong, string problem)
    {
        File.WriteAllText(_cassette.Path, JsonSerializer.Serialize(new
        {
            sample_rate = wrong == "rate" ? 11025 : 16000,
            audio_base64 = wrong == "audio_base64" ? "%" : "",
            connection_id = "c",
            req_id = "r",
            animation_messages_base64 = (string[])[wrong switch { "message" => "%", "protobuf" => "D///", "other" => "", _ => Convert.ToBase64String(Animation(1, true).ToByteArray()) }],
        }));
        CassetteException failure = await Assert.ThrowsAsync<CassetteException>(() => _cassette.ReplayAsync());
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithWrongRecordOptions_NamesThemAll()
    {
        ArgumentException failure = await Assert.ThrowsAsync<ArgumentException>(() => LocalMotionServer.StartAsync(new LocalMotionServerOptions { Record = new RecordingOptions(), Replay = "x" }));
        Assert.Equal(["Record:File", "Record:ConsoleUrl", "Record:IngressUrl", "exclude each other"],
            ((string[])["Record:File", "Record:ConsoleUrl", "Record:IngressUrl", "exclude each other"]).Where(name => failure.Message.Contains(name, StringComparison.Ordinal)));
    }

    private static string Close(int code, string reason = "") =>
        $"{{\"ms\":2,\"kind\":\"close\",\"connection\":1,\"from\":\"server\",\"code\":{code},\"reason\":\"{reason}\"}}";

    private static Message Audio(int bytes, bool end) => new()
    {
        Type = MessageType.MessageClientAudioInput,
        ClientAudioInput = new ClientAudioInput { ReqId = "recorded", Audio = ByteString.CopyFrom(new byte[bytes]), End = end },
    };

    private static Message Animation(int keyframes, bool end)
    {
        var animation = new FlameAnimation();
        animation.Keyframes.AddRange(Enumerable.Range(0, keyframes).Select(index => new Flame { JawPose = { index, 0, 0 } }));
        return new Message
        {
            Type = MessageType.MessageServerResponseAnimation,
            ServerResponseAnimation = new ServerResponseAnimation { ConnectionId = "c", ReqId = "recorded", End = end, Animation = animation },
        };
    }

    private static string Line(double ms, string from, Message message) => new StringBuilder("{\"kind\":\"message\",\"connection\":1,\"ms\":")
        .Append(System.Globalization.CultureInfo.InvariantCulture, $"{ms},\"from\":\"{from}\",\"data\":\"{Convert.ToBase64String(message.ToByteArray())}\"}}").ToString();
}
