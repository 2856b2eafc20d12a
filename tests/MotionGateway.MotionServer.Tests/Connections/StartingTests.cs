using Microsoft.Extensions.Logging.Abstractions;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Fuzzing;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Connections;

public sealed class StartingTests
{
    [Fact]
    public async Task DisposeAsync_BeforeTheConnectionRuns_WaitsForItsEnd()
    {
        bool hasEnded = false;
        FuzzedWebSocket socket = new(new Random(1), [], closeCode: 1000);
        MotionConnectionOptions options = new("avatar", new MotionAudioFormat(16000));
        ConnectionContext context = new(new MotionServerOptions(), options, Secrets.None, TimeProvider.System, NullLogger.Instance, Region: null);
        MotionConnection connection = new(
            socket, new MessageAssembler(socket, received: null, maxMessageBytes: 4096, System.Buffers.ArrayPool<byte>.Shared), new ServerConfirmSession { ConnectionId = "c" }, context, _ => hasEnded = true);

        Task disposing = connection.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        connection.Start();
        await disposing.DefaultTimeout();

        Assert.True(hasEnded);
        Assert.True(connection.Completion.IsCompletedSuccessfully);
    }
}
