using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class RequestTests : IAsyncLifetime
{
    private const int Rate = 8000;
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Requests_OneAfterTheOther_AreAnsweredInOrder()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendAudioAsync("first", Speech.Babble(3 * Rate, Rate), end: true);
        await client.SendAudioAsync("second", Speech.Babble(Rate, Rate), end: true);

        Assert.Equal(["first", "first"], (await client.ReceiveTurnAsync()).Select(animation => animation.ReqId));
        Assert.Equal(["second"], (await client.ReceiveTurnAsync()).Select(animation => animation.ReqId));
        Assert.Equal((2, 2, 3), (_server.Counters.RequestsStarted, _server.Counters.RequestsFinished, _server.Counters.AnimationsSent));
    }

    [Fact]
    public async Task Requests_ThatOverlap_EachGetTheirOwnMotion()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        byte[] audio = Speech.Babble(3 * Rate, Rate);
        foreach (ReadOnlyMemory<byte> chunk in Speech.CutAnywhere(audio, 1))
        {
            await client.SendAudioAsync("older", chunk);
            await client.SendAudioAsync("newer", chunk);
        }

        await client.SendAudioAsync("newer", Array.Empty<byte>(), end: true);
        await client.SendAudioAsync("older", Array.Empty<byte>(), end: true);
        List<ServerResponseAnimation> all = [.. await client.ReceiveTurnAsync(), .. await client.ReceiveTurnAsync()];

        Assert.Equal(["older", "newer", "newer", "older"], all.Select(animation => animation.ReqId));
        Assert.Equal(all[0].Animation, all[1].Animation);
        Assert.Equal(all[2].Animation, all[3].Animation);
    }

    [Fact]
    public async Task Interrupt_OfAnOpenRequest_StopsItQuietlyAndDropsItsLaterAudio()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendAudioAsync("stopped", Speech.Babble(Rate, Rate));
        await client.InterruptAsync("stopped");
        await client.SendAudioAsync("stopped", Speech.Babble(9 * Rate, Rate), end: true);
        await client.SendAudioAsync("next", Speech.Babble(Rate, Rate), end: true);

        ServerResponseAnimation only = Assert.Single(await client.ReceiveTurnAsync());
        Assert.Equal("next", only.ReqId);
        Assert.Equal(1, _server.Counters.RequestsAbandoned);
    }

    [Fact]
    public async Task Interrupt_OfAnOpenRequest_FreesItsIdAtItsEnd()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendAudioAsync("turn", Speech.Babble(Rate, Rate));
        await client.InterruptAsync("turn");
        await client.SendAudioAsync("turn", Speech.Babble(9 * Rate, Rate));
        await client.SendAudioAsync("turn", Array.Empty<byte>(), end: true);
        await client.SendAudioAsync("turn", Speech.Babble(Rate, Rate), end: true);

        Assert.Equal(25, Assert.Single(await client.ReceiveTurnAsync()).Animation.Keyframes.Count);
        Assert.Equal(2, _server.Counters.RequestsStarted);
    }

    [Fact]
    public async Task Interrupt_OfAFinishedOrUnknownRequest_IsNoError()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendAudioAsync("done", Speech.Babble(Rate, Rate), end: true);
        await client.ReceiveTurnAsync();

        // Its last message is on its way before it is over.
        await Eventually.TrueAsync(() => _server.Counters.RequestsFinished == 1);
        await client.InterruptAsync("done");
        await client.InterruptAsync("never");

        await AssertAnswersAsync(client);
        Assert.Equal(0, _server.Counters.RequestsAbandoned);
    }

    [Fact]
    public async Task Message_OfTextAfterTheHandshake_IsIgnored()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendRawAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text);

        await AssertAnswersAsync(client);
        Assert.Equal(1, _server.Counters.MessagesSkipped);
    }

    [Fact]
    public async Task Message_ThatDoesNotParse_IsReportedAndSkipped()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendRawAsync(new byte[] { 0x0F, 0xFF });

        await AssertReportAsync(client, 3, "failed to unmarshal message");
        await AssertAnswersAsync(client);
    }

    [Fact]
    public async Task Audio_WithoutARequestId_IsReportedAndSkipped()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendAudioAsync("", Speech.Silence(10), end: true);

        await AssertReportAsync(client, 3, "audio input without req_id");
        await AssertAnswersAsync(client);
    }

    [Fact]
    public async Task Pause_WithoutEgress_IsReportedAsUnavailable()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendAsync(new Message { Type = MessageType.MessageClientPause, ClientPause = new ClientPause { ReqId = "turn" } });

        await AssertReportAsync(client, 12, "playback control is not available");
        await AssertAnswersAsync(client);
    }

    [Fact]
    public async Task Message_WithUnknownFieldsOrOfAnUnknownKind_IsTolerated()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.SendRawAsync(new byte[] { 0x08, 0x06, 0x3A, 0x00 });
        await client.SendRawAsync(new byte[] { 0x08, 0x63, 0xA2, 0x06, 0x01, 0x41 });
        byte[] audio = new Message
        {
            Type = MessageType.MessageClientAudioInput,
            ClientAudioInput = new ClientAudioInput { ReqId = "turn", End = true, TraceContext = new TraceContext { Traceparent = "00-1-2-01" } },
        }.ToByteArray();
        await client.SendRawAsync((byte[])[.. audio, 0xF8, 0x06, 0x07]);

        Assert.Single(await client.ReceiveTurnAsync());
    }

    [Theory]
    [InlineData(8 * 1024 * 1024, true)]
    [InlineData((8 * 1024 * 1024) + 1, false)]
    public async Task Message_OfMoreThanEightMebibytes_EndsTheConnection(int bytes, bool taken)
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        // Tags, lengths and id take 17 bytes around the audio of such a message.
        byte[] message = new Message
        {
            Type = MessageType.MessageClientAudioInput,
            ClientAudioInput = new ClientAudioInput { ReqId = "t", End = true, Audio = ByteString.CopyFrom(new byte[bytes - 17]) },
        }.ToByteArray();
        Assert.Equal(bytes, message.Length);
        await client.SendRawAsync(message);

        if (taken)
        {
            Assert.Equal((bytes - 17) / 2 * 25 / Rate, (await client.ReceiveTurnAsync()).Sum(animation => animation.Animation.Keyframes.Count));
            await AssertAnswersAsync(client);
            return;
        }

        await AssertReportAsync(client, 3, "message is longer than 8388608 bytes");
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.CloseStatus);
    }

    [Fact]
    public async Task Close_ByTheClient_IsAnswered()
    {
        RawClient client = await RawClient.OpenAsync(_server, sampleRate: Rate);
        await client.CloseAsync();

        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
        await Eventually.TrueAsync(() => _server.Counters.ConnectionsOpen == 0);
    }

    private static async Task AssertReportAsync(RawClient client, int code, string text)
    {
        ServerError? error = (await client.ReceiveAsync())?.ServerError;
        Assert.NotNull(error);
        Assert.Equal((code, client.ConnectionId), (error.Code, error.ConnectionId));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    private static async Task AssertAnswersAsync(RawClient client)
    {
        await client.SendAudioAsync("check", Speech.Silence(Rate), end: true);
        ServerResponseAnimation only = Assert.Single(await client.ReceiveTurnAsync());
        Assert.Equal("check", only.ReqId);
    }
}
