using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Egress;

/// <summary>Opens connections with egress, and speaks their controls.</summary>
internal static class EgressClient
{
    public const int Rate = 8000;

    public static ClientConfigureSession LiveKit(Action<LiveKitEgressConfig>? change = null)
    {
        var livekit = new LiveKitEgressConfig { Url = "wss://rtc.example.com", RoomName = "room", PublisherId = "avatar-1", ApiToken = LiveKitTokens.Make("room") };
        change?.Invoke(livekit);
        return new ClientConfigureSession { SampleRate = Rate, EgressType = EgressType.Livekit, LivekitEgress = livekit };
    }

    public static ClientConfigureSession Agora(Action<AgoraEgressConfig>? change = null)
    {
        var agora = new AgoraEgressConfig { ChannelName = "channel", Uid = 7, Token = "secret-agora-token" };
        change?.Invoke(agora);
        return new ClientConfigureSession { SampleRate = Rate, EgressType = EgressType.Agora, AgoraEgress = agora };
    }

    public static async Task<(RawClient Client, ServerConfirmSession Confirm)> OpenAsync(
        LocalMotionServer server, ClientConfigureSession configuration, DateTimeOffset? now = null)
    {
        RawClient client = await RawClient.ConnectAsync(server, "avatar", await RawClient.TokenAsync(server, now: now));
        Message answer = await client.ConfigureAsync(configuration);
        return (client, answer.ServerConfirmSession);
    }

    public static Task PauseAsync(this RawClient client, string requestId) =>
        client.SendAsync(new Message { Type = MessageType.MessageClientPause, ClientPause = new ClientPause { ReqId = requestId } });

    public static Task ResumeAsync(this RawClient client, string requestId) =>
        client.SendAsync(new Message { Type = MessageType.MessageClientResume, ClientResume = new ClientResume { ReqId = requestId } });

    /// <summary>The next message that is no playback signal, or null at the server's close.</summary>
    public static async Task<Message?> ReceivePastSignalsAsync(this RawClient client)
    {
        Message? message;
        do
        {
            message = await client.ReceiveAsync();
        }
        while (message?.ServerResponseAnimation is { Animation: null });
        return message;
    }

    /// <summary>The next error; of playback, which is told as it happens, any number of states may come before.</summary>
    public static async Task<ServerError?> ReceiveErrorAsync(this RawClient client)
    {
        Message? message;
        do
        {
            message = await client.ReceivePastSignalsAsync();
        }
        while (message?.ServerPlaybackState is not null);
        return message?.ServerError;
    }

    public static async Task<ServerPlaybackState> ReceiveStateAsync(this RawClient client)
    {
        Message message = await client.ReceivePastSignalsAsync() ?? throw new InvalidOperationException("Closed.");
        return message.ServerPlaybackState ?? throw new InvalidOperationException($"Not a playback state: {message}");
    }

    /// <summary>The next message, which has to be a playback signal.</summary>
    public static async Task AssertSignalAsync(this RawClient client, string requestId, bool end)
    {
        Message? message = await client.ReceiveAsync();
        Assert.Equal((MessageType.MessageServerResponseAnimation, requestId, end), (message?.Type, message?.ServerResponseAnimation?.ReqId, message?.ServerResponseAnimation?.End));
        Assert.Empty(message!.ServerResponseAnimation!.Animation?.Keyframes ?? []);
    }

    public static async Task AssertStateAsync(this RawClient client, string requestId, PlaybackState state, int playedMs, string reason = "")
    {
        ServerPlaybackState told = await client.ReceiveStateAsync();
        Assert.Equal((requestId, state, playedMs, reason), (told.ReqId, told.State, told.PlayedMs, told.Reason));
    }
}
