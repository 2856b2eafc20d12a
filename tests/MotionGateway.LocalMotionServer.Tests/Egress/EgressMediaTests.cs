using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MotionGateway.LocalMotion.Egress;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.OggOpus;

namespace MotionGateway.LocalMotion.Tests.Egress;

public sealed class EgressMediaTests
{
    private const int Rate = EgressClient.Rate;

    [Fact]
    public async Task Pcm_IsKeptAsItCameWithTheMotionThatWouldHaveComeBack()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Segments = MotionSegments.Recorded });
        byte[] speech = Speech.Babble(3 * Rate, Rate);
        using RawClient plain = await RawClient.OpenAsync(server, sampleRate: Rate);
        await plain.SendAudioAsync("turn", speech, end: true);
        List<ServerResponseAnimation> expected = await plain.ReceiveTurnAsync();

        using RawClient client = await SayAsync(server, EgressClient.LiveKit(), "turn", speech);
        EgressConnection connection = Assert.Single(server.Egress.Connections);
        EgressMedia media = server.Egress.FindMedia(connection.ConnectionId, "turn")!;

        Assert.Equal(speech, media.Audio.ToArray());
        Assert.Equal((false, Rate, 0L, 0), (media.IsOggOpus, media.SampleRate, media.AudioBytesLeftOut, media.MotionMessagesLeftOut));
        Message[] motion = [.. media.Motion.Select(envelope => Message.Parser.ParseFrom(envelope.Span))];
        Assert.All(motion, message => Assert.Equal((MessageType.MessageServerResponseAnimation, connection.ConnectionId), (message.Type, message.ServerResponseAnimation.ConnectionId)));
        Assert.Equal(
            expected.Select(animation => (animation.ReqId, animation.End, animation.Animation)),
            motion.Select(message => (message.ServerResponseAnimation.ReqId, message.ServerResponseAnimation.End, message.ServerResponseAnimation.Animation)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Opus_IsKeptAsPcmWhereItIsDecodedAndAsItCameElsewhere(bool decode)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { DecodeOpus = decode, Segments = MotionSegments.Recorded });
        byte[] stream = Encode(Speech.Babble(3 * Rate, Rate));
        ClientConfigureSession configuration = EgressClient.LiveKit();
        configuration.AudioFormat = AudioFormat.OggOpus;
        using RawClient client = await SayAsync(server, configuration, "turn", stream);
        EgressMedia media = server.Egress.FindMedia(server.Egress.Connections[0].ConnectionId, "turn")!;

        Assert.Equal(!decode, media.IsOggOpus);
        Assert.Equal(decode ? 3 * Rate * sizeof(short) : stream.Length, media.Audio.Length);
        Assert.Equal(!decode, media.Audio.Span.SequenceEqual(stream));
        // Decoded, it is sound.
        Assert.True(media.Audio.Span.IndexOfAnyExcept((byte)0) >= 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Opus_ThatIsNotDecoded_IsKeptAsFarAsItWasTaken(bool isMalformed)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(
            new LocalMotionServerOptions { DecodeOpus = false, MaxRequestDuration = TimeSpan.FromSeconds(isMalformed ? 60 : 2), Segments = MotionSegments.Recorded });
        byte[] stream = Encode(Speech.Babble(3 * Rate, Rate));
        // A checksum notices.
        stream[500] ^= isMalformed ? (byte)1 : (byte)0;
        ClientConfigureSession configuration = EgressClient.LiveKit();
        configuration.AudioFormat = AudioFormat.OggOpus;
        (RawClient client, _) = await EgressClient.OpenAsync(server, configuration);
        using RawClient open = client;
        await client.SendAudioAsync("turn", stream.AsMemory(0, 400));
        await client.AssertStateAsync("turn", PlaybackState.Playing, 0);
        await client.SendAudioAsync("turn", stream.AsMemory(400), end: true);

        ServerError? error = await client.ReceiveErrorAsync();
        Assert.Equal((isMalformed ? 3 : 8, "turn"), (error?.Code, error?.ReqId));
        EgressMedia media = server.Egress.FindMedia(server.Egress.Connections[0].ConnectionId, "turn")!;
        Assert.Equal(stream[..400], media.Audio.ToArray());
    }

    [Fact]
    public async Task Media_BeyondTheRequestsLimit_AreCountedAndLeftOut()
    {
        // Of the two messages of 50 and 25 keyframes only the first is within it.
        const int Limit = 30_000;
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { KeptEgressBytesPerRequest = Limit, Segments = MotionSegments.Recorded });
        byte[] speech = Speech.Babble(3 * Rate, Rate);
        using RawClient client = await SayAsync(server, EgressClient.LiveKit(), "turn", speech);
        EgressConnection connection = server.Egress.Connections[0];
        EgressMedia media = server.Egress.FindMedia(connection.ConnectionId, "turn")!;

        Assert.Equal(speech[..Limit], media.Audio.ToArray());
        Assert.Equal(50, Message.Parser.ParseFrom(Assert.Single(media.Motion).Span).ServerResponseAnimation.Animation.Keyframes.Count);
        Assert.Equal((speech.Length - Limit, 1), (media.AudioBytesLeftOut, media.MotionMessagesLeftOut));
        EgressRequest request = Assert.Single(connection.Requests);
        Assert.Equal((speech.Length, 2), (request.AudioBytes, request.MotionMessages));
        Assert.Equal((speech.Length - Limit, 1), (request.AudioBytesLeftOut, request.MotionMessagesLeftOut));
    }

    [Fact]
    public async Task Media_BeyondTheServersLimit_AreThoseOfTheOldestConnectionsThatGo()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { KeptEgressBytes = 100_000, Segments = MotionSegments.Recorded });
        byte[] speech = Speech.Babble(2 * Rate, Rate);
        for (int i = 0; i < 4; i++)
        {
            // 32000 bytes of audio and 25000 of motion.
            using RawClient client = await SayAsync(server, EgressClient.LiveKit(), "turn", speech);
        }

        IReadOnlyList<EgressConnection> connections = server.Egress.Connections;
        Assert.Equal([0, 0, 0, speech.Length], connections.Select(connection => server.Egress.FindMedia(connection.ConnectionId, "turn")!.Audio.Length));
        Assert.Equal([speech.Length, speech.Length, speech.Length, 0], connections.Select(connection => connection.Requests[0].AudioBytesLeftOut));
        Assert.Equal([1, 1, 1, 0], connections.Select(connection => connection.Requests[0].MotionMessagesLeftOut));
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(1000, 0)]
    public async Task Media_WithALimitOfZero_AreCountedOnly(int perRequest, long inAll)
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(
            new LocalMotionServerOptions { KeptEgressBytesPerRequest = perRequest, KeptEgressBytes = inAll, Segments = MotionSegments.Recorded });
        using RawClient client = await SayAsync(server, EgressClient.Agora(), "turn", Speech.Silence(Rate));
        EgressMedia media = server.Egress.FindMedia(server.Egress.Connections[0].ConnectionId, "turn")!;

        Assert.True(media.Audio.IsEmpty && media.Motion.Count == 0);
        Assert.Equal((2 * Rate, 1), (media.AudioBytesLeftOut, media.MotionMessagesLeftOut));
    }

    [Fact]
    public async Task Control_OfARequest_IsAWavFileAndItsEnvelopes()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Segments = MotionSegments.Recorded });
        byte[] speech = Speech.Babble(Rate, Rate);
        // Half a sample at the end is no sound.
        using RawClient client = await SayAsync(server, EgressClient.LiveKit(), "a/b c%2F", (byte[])[.. speech, 1]);
        string connectionId = server.Egress.Connections[0].ConnectionId;
        using HttpClient http = Http(server);
        string path = $"/control/egress/{connectionId}/a%2Fb%20c%252F";

        using HttpResponseMessage audio = await http.GetAsync(new Uri(path + "/audio", UriKind.Relative));
        byte[] wav = await audio.Content.ReadAsByteArrayAsync();
        Assert.Equal((HttpStatusCode.OK, "audio/wav"), (audio.StatusCode, audio.Content.Headers.ContentType?.MediaType));
        Assert.Equal("0", Assert.Single(audio.Headers.GetValues("X-Audio-Bytes-Left-Out")));
        Assert.Equal("RIFF"u8.ToArray(), wav[..4]);
        Assert.Equal("WAVEfmt "u8.ToArray(), wav[8..16]);
        Assert.Equal((wav.Length - 8, Rate, speech.Length), (Number(wav, 4), Number(wav, 24), Number(wav, 40)));
        Assert.Equal(speech, wav[44..]);

        // The routes match with a slash at the end too.
        using HttpResponseMessage again = await http.GetAsync(new Uri(path + "/audio/?a=/", UriKind.Relative));
        Assert.Equal(wav, await again.Content.ReadAsByteArrayAsync());

        JsonElement motion = await http.GetFromJsonAsync<JsonElement>(path + "/motion");
        Assert.Equal(0, motion.GetProperty("messagesLeftOut").GetInt32());
        byte[] envelope = Assert.Single(motion.GetProperty("envelopes").EnumerateArray().ToArray()).GetBytesFromBase64();
        Assert.Equal(25, Message.Parser.ParseFrom(envelope).ServerResponseAnimation.Animation.Keyframes.Count);
    }

    [Fact]
    public async Task Control_OfOpusThatWasNotDecoded_IsTheOggStream()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { DecodeOpus = false, Segments = MotionSegments.Recorded });
        byte[] stream = Encode(Speech.Babble(Rate, Rate));
        ClientConfigureSession configuration = EgressClient.LiveKit();
        configuration.AudioFormat = AudioFormat.OggOpus;
        using RawClient client = await SayAsync(server, configuration, "turn", stream);
        using HttpClient http = Http(server);

        using HttpResponseMessage audio = await http.GetAsync(new Uri($"/control/egress/{server.Egress.Connections[0].ConnectionId}/turn/audio", UriKind.Relative));
        Assert.Equal("audio/ogg", audio.Content.Headers.ContentType?.MediaType);
        Assert.Equal(stream, await audio.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Control_OfWhatIsNotThere_SaysWhatToDo()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { KeptEgressBytes = 0, Segments = MotionSegments.Recorded });
        using RawClient client = await SayAsync(server, EgressClient.LiveKit(), "turn", Speech.Silence(Rate));
        string connectionId = server.Egress.Connections[0].ConnectionId;
        using HttpClient http = Http(server);

        foreach ((string path, HttpStatusCode status) in new[]
        {
            ($"{connectionId}/other/audio", HttpStatusCode.NotFound), ($"{connectionId}/other/motion", HttpStatusCode.NotFound),
            ("nobody/turn/audio", HttpStatusCode.NotFound), ($"{connectionId}/turn/audio", HttpStatusCode.Gone),
        })
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"/control/egress/{path}", UriKind.Relative));
            await SessionTokenTests.AssertErrorAsync(answer, status);
        }

        using var anyone = new HttpClient { BaseAddress = server.BaseAddress };
        foreach (string part in (string[])["audio", "motion"])
        {
            using HttpResponseMessage answer = await anyone.GetAsync(new Uri($"/control/egress/{connectionId}/turn/{part}", UriKind.Relative));
            await SessionTokenTests.AssertErrorAsync(answer, HttpStatusCode.Unauthorized);
        }
    }

    /// <summary>Says something with egress, and waits until the server has made all of its motion and begun to play it.</summary>
    private static async Task<RawClient> SayAsync(LocalMotionServer server, ClientConfigureSession configuration, string requestId, byte[] audio)
    {
        long finished = server.Counters.RequestsFinished;
        (RawClient client, _) = await EgressClient.OpenAsync(server, configuration);
        foreach (ReadOnlyMemory<byte> chunk in Speech.CutAnywhere(audio, seed: 1))
        {
            await client.SendAudioAsync(requestId, chunk);
        }

        await client.SendAudioAsync(requestId, ReadOnlyMemory<byte>.Empty, end: true);
        await Eventually.TrueAsync(() =>
            server.Counters.RequestsFinished == finished + 1 && server.Egress.Connections[^1].Requests is [{ AudioEnded: true, MotionMessages: var motion }]
            && motion == (server.Egress.Connections[^1].Requests[0].AudioDuration > TimeSpan.FromSeconds(2) ? 2 : 1));
        return client;
    }

    private static HttpClient Http(LocalMotionServer server)
    {
        var http = new HttpClient { BaseAddress = server.BaseAddress };
        http.DefaultRequestHeaders.Add("X-Api-Key", LocalMotionServerOptions.DefaultApiKey);
        return http;
    }

    private static int Number(byte[] wav, int offset) => BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(offset));

    private static byte[] Encode(byte[] pcm)
    {
        var stream = new ArrayBufferWriter<byte>();
        using var encoder = new OggOpusEncoder(new OggOpusEncoderOptions { SampleRate = Rate });
        encoder.Encode(pcm, stream);
        encoder.Finish(stream);
        return stream.WrittenSpan.ToArray();
    }
}
