using System.Net.WebSockets;
using System.Text;
using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class HandshakeTests : IAsyncLifetime
{
    private readonly ObservedTimeProvider _clock = new();
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() => _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { TimeProvider = _clock });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Configure_WithPcm_IsConfirmedWithAConnectionIdInTheServicesForm()
    {
        using RawClient client = await ConnectAsync();
        Message answer = await client.ConfigureAsync(new ClientConfigureSession { SampleRate = 24000 });

        Assert.Equal(MessageType.MessageServerConfirmSession, answer.Type);
        Assert.Matches("^20000101000000_[A-Za-z0-9_-]{12}$", answer.ServerConfirmSession.ConnectionId);
        Assert.Empty(answer.ServerConfirmSession.Capabilities);
    }

    [Fact]
    public async Task Configure_WithUnknownFields_IsConfirmed()
    {
        using RawClient client = await ConnectAsync();
        byte[] configuration = [.. new ClientConfigureSession { SampleRate = 16000 }.ToByteArray(), 0xA2, 0x06, 0x01, 0x41];
        byte[] message = [0x08, 0x01, 0x12, (byte)configuration.Length, .. configuration, 0xF8, 0x06, 0x07];
        await client.SendRawAsync(message);

        Assert.Equal(MessageType.MessageServerConfirmSession, (await client.ReceiveAsync())?.Type);
    }

    [Fact]
    public async Task Handshake_WithATextFrame_IsAProtocolError()
    {
        using RawClient client = await ConnectAsync();
        await client.SendRawAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text);
        await AssertEndedAsync(client, "unexpected message type");
    }

    [Fact]
    public async Task Handshake_WithBytesThatDoNotParse_IsAProtocolError()
    {
        using RawClient client = await ConnectAsync();
        await client.SendRawAsync(new byte[] { 0x0F, 0xFF });
        await AssertEndedAsync(client, "failed to unmarshal initial message");
    }

    [Fact]
    public async Task Handshake_BeginningWithAudio_IsAProtocolError()
    {
        using RawClient client = await ConnectAsync();
        await client.SendAudioAsync("turn", Array.Empty<byte>());
        await AssertEndedAsync(client, "expected ClientConfigureSession message");
    }

    [Fact]
    public async Task Handshake_WithoutAConfiguration_IsAProtocolError()
    {
        using RawClient client = await ConnectAsync();
        await client.SendAsync(new Message { Type = MessageType.MessageClientConfigureSession });
        await AssertEndedAsync(client, "ClientConfigureSession message is nil");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11025)]
    [InlineData(12000)]
    [InlineData(96000)]
    public async Task Configure_WithAnUnsupportedRate_IsRefusedByName(int sampleRate)
    {
        using RawClient client = await ConnectAsync();
        await client.SendAsync(Configuration(new ClientConfigureSession { SampleRate = sampleRate }));
        await AssertEndedAsync(client, "unsupported sample rate");
    }

    [Theory]
    [InlineData(22050)]
    [InlineData(44100)]
    public async Task Configure_WithARateThatOpusDoesNotHave_IsRefusedByName(int sampleRate)
    {
        using RawClient client = await ConnectAsync();
        await client.SendAsync(Configuration(new ClientConfigureSession { SampleRate = sampleRate, AudioFormat = AudioFormat.OggOpus }));
        await AssertEndedAsync(client, "unsupported sample rate");
    }

    [Fact]
    public async Task Configure_WithAnUnknownAudioFormat_IsRefusedWithoutNamingEgress()
    {
        using RawClient client = await ConnectAsync();
        await client.SendAsync(Configuration(new ClientConfigureSession { SampleRate = 16000, AudioFormat = (AudioFormat)7 }));
        string text = await AssertEndedAsync(client, "audio format 7 is unknown", code: 3);
        Assert.DoesNotContain("egress", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Handshake_WithoutAnyMessageFor10Seconds_IsEnded()
    {
        using RawClient client = await ConnectAsync();
        await _clock.WaitForTimerAsync(_clock.GetUtcNow().AddSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(10));
        await AssertEndedAsync(client, "expected ClientConfigureSession message");
    }

    private static Message Configuration(ClientConfigureSession configuration) =>
        new() { Type = MessageType.MessageClientConfigureSession, ClientConfigureSession = configuration };

    private static async Task<string> AssertEndedAsync(RawClient client, string text, int code = 4000)
    {
        Message? message = await client.ReceiveAsync();
        Assert.Equal(MessageType.MessageServerError, message?.Type);
        ServerError error = message!.ServerError;
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Equal(code, error.Code);
        Assert.NotEqual("", error.ConnectionId);
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(4000, (int?)client.CloseStatus);
        await client.CloseAsync();
        return error.Message;
    }

    private async Task<RawClient> ConnectAsync() =>
        await RawClient.ConnectAsync(_server, "avatar", await RawClient.TokenAsync(_server, now: _clock.GetUtcNow()));
}
