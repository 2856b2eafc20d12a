using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

/// <summary>With egress, animations without keyframes tell of the playback.</summary>
public sealed class PlaybackSignalTests
{
    private static readonly MotionConnectionOptions Options = new("avatar", new MotionAudioFormat(16000)) { Egress = new AgoraEgress("channel", "publisher") };

    [Fact]
    public async Task ReadPlaybackAsync_SignalsOfAServerWithoutStates_TellPlayingAndEndedOnce()
    {
        await using Session session = await OpenAsync(async socket =>
        {
            await socket.SendAsync(Motion.Of("r", 0));
            await socket.SendAsync(Motion.Of("r", 0));
            await socket.SendAsync(Motion.Of("r", 0, end: true));
            await socket.SendAsync(Motion.Of("r", 0, end: true));
            await socket.SendAsync(Motion.Of("nobody's", 0, end: true));
        });

        Assert.Equal([("r", PlaybackState.Playing), ("r", PlaybackState.Ended)], await PlaybackOfAsync(session));
    }

    [Fact]
    public async Task ReadPlaybackAsync_SignalsBesideStates_TellOneEnd()
    {
        await using Session session = await OpenAsync(async socket =>
        {
            await SendStateAsync(socket, "r", PlaybackState.Playing);
            await socket.SendAsync(Motion.Of("r", 0));
            await SendStateAsync(socket, "r", PlaybackState.Paused);
            await socket.SendAsync(Motion.Of("r", 0));
            await SendStateAsync(socket, "r", PlaybackState.Ended);
            await socket.SendAsync(Motion.Of("r", 0, end: true));
            await socket.SendAsync(Motion.Of("other", 0, end: true));
            await SendStateAsync(socket, "other", PlaybackState.Ended);
        });

        Assert.Equal(
            [("r", PlaybackState.Playing), ("r", PlaybackState.Paused), ("r", PlaybackState.Ended), ("other", PlaybackState.Ended)],
            await PlaybackOfAsync(session));
    }

    [Fact]
    public async Task ReadPlaybackAsync_StateThatAnswersAPauseThatCameTooLate_IsTold()
    {
        await using Session session = await OpenAsync(
            async socket =>
            {
                await socket.SendAsync(Motion.Of("r", 0, end: true));
                while ((await socket.ReceiveAsync())!.ClientPause is null)
                {
                    // The audio.
                }

                await SendStateAsync(socket, "r", PlaybackState.Ended);
            },
            MotionCapabilities.PlaybackControl);
        await session.Request.SendAsync(new byte[2]);
        await session.Request.PauseAsync();

        Assert.Equal([("r", PlaybackState.Ended), ("r", PlaybackState.Ended)], await PlaybackOfAsync(session));
    }

    [Fact]
    public async Task Signals_AHundredThousandThatNobodyReads_HarmNothing()
    {
        const int Count = 100_000;
        await using Session session = await OpenAsync(async socket =>
        {
            byte[] signal = Google.Protobuf.MessageExtensions.ToByteArray(Motion.Of("r", 0));
            for (int i = 0; i < Count; i++)
            {
                await socket.SendRawAsync(signal);
            }

            await socket.SendAsync(Motion.Of("r", 0, end: true));
        });

        Assert.Equal([("r", PlaybackState.Playing), ("r", PlaybackState.Ended)], await PlaybackOfAsync(session));
        await session.Connection.Completion.DefaultTimeout();
    }

    [Fact]
    public async Task ReadMotionAsync_WithEgress_FailsAtOnceAndSaysWhatToRead()
    {
        await using Session session = await OpenAsync(async socket => await socket.ReadToCloseAsync());

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => session.Request.ReadMotionAsync());

        Assert.Contains("ReadPlaybackAsync", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DisposeAsync_WithEgress_LetsSpeechPlayOutThatHasEnded(bool ends)
    {
        TaskCompletionSource<List<Message>> received = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Session session = await Session.OpenAsync(async socket => received.SetResult(await socket.ReadToCloseAsync()), options: Options);
        await session.Request.SendAsync(new byte[2]);
        await (ends ? session.Request.EndAsync().AsTask() : Task.CompletedTask);

        await session.Request.DisposeAsync();
        await session.Connection.CloseAsync().DefaultTimeout();

        Assert.Equal(!ends, (await received.Task.DefaultTimeout()).Any(message => message.ClientInterrupt is not null));
    }

    [Fact]
    public async Task StartRequest_ServerThatTellsNothingOfPlayback_GoesOnForEver()
    {
        await using Session session = await Session.OpenAsync(socket => socket.ReadToCloseAsync(), options: Options);

        for (int i = 0; i < 3000; i++)
        {
            await using IMotionRequest request = session.Connection.StartRequest();
            await request.SayAsync(new byte[2]);
        }

        Assert.False(session.Connection.Completion.IsCompleted);
    }

    private static Task<Session> OpenAsync(Func<ScriptedSocket, Task> script, params string[] capabilities) => Session.OpenAsync(
        async socket =>
        {
            await script(socket);
            await socket.CloseAsync(1000);
        },
        options: Options,
        capabilities: capabilities);

    private static Task SendStateAsync(ScriptedSocket socket, string requestId, PlaybackState state) => socket.SendAsync(new Message
    {
        Type = MessageType.MessageServerPlaybackState,
        ServerPlaybackState = new ServerPlaybackState { ReqId = requestId, State = (global::MotionGateway.Messages.DrivenIngress.V2.PlaybackState)state },
    });

    private static async Task<List<(string, PlaybackState)>> PlaybackOfAsync(Session session)
    {
        List<(string, PlaybackState)> told = [];
        await foreach (PlaybackUpdate update in session.Connection.ReadPlaybackAsync())
        {
            told.Add((update.RequestId, update.State));
        }

        return told;
    }
}
