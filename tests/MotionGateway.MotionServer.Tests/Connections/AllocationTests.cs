using System.Net.WebSockets;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class AllocationTests
{
    // A debug build boxes the state machines of async methods even where they end at once; audio is copied into no array there either.
#if DEBUG
    private const int AllowedBytesPerSend = 480;
#else
    private const int AllowedBytesPerSend = 1;
#endif

    [Fact]
    public async Task SendAsync_SteadyState_AllocatesNothing()
    {
        const int Sends = 1000;
        using WebSocket socket = WebSocket.CreateFromStream(Stream.Null, new WebSocketCreationOptions { KeepAliveInterval = TimeSpan.Zero });
        SendDeadline deadline = new(TimeProvider.System, TimeSpan.FromMinutes(1), () => { });
        using Outbox outbox = new(socket, deadline, new MotionServerOptions());
        using RequestSpeech request = new(
            "request", new MotionConnectionOptions("avatar", new MotionAudioFormat(16000)), new RequestTrace(TimeProvider.System, "connection", "request"));
        byte[] audio = new byte[3200];
        await SendAsync(100);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(SendAsync(Sends).IsCompletedSuccessfully);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 0, Sends * AllowedBytesPerSend);

        async Task SendAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.Null(await outbox.SendAudioAsync(request, audio, isLast: false, CancellationToken.None));
            }
        }
    }

    [Fact]
    public void RequestMessage_Sizes_MatchTheParserAtVarintBoundaries()
    {
        foreach (int length in new[] { 0, 1, 100, 117, 118, 119, 120, 126, 127, 128, 129, 16_360, 16_383, 16_384, 16_390 })
        {
            RequestMessage request = new(MessageType.MessageClientAudioInput, Message.ClientAudioInputFieldNumber, "r") { Audio = new byte[length] };
            byte[] written = new byte[EnvelopeWriter.Measure(request)];
            EnvelopeWriter.Write(request, written);

            Assert.Equal(length, Message.Parser.ParseFrom(written).ClientAudioInput.Audio.Length);
        }
    }
}
