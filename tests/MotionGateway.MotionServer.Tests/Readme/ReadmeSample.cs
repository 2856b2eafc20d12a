namespace MotionGateway.MotionServer.Tests.Readme;

/// <summary>The samples of the Server SDK's README, where a test runs them.</summary>
internal static class ReadmeSample
{
    /// <summary>Makes what the README makes, and gives it to a test.</summary>
    public static async Task OpenAsync(Func<MotionServerClient, IMotionConnector, Task> use)
    {
        // <sample>
        await using MotionServerClient client = new(new MotionServerOptions { AppId = "your-app", ApiKey = "your-key", Region = "auto" });
        ReconnectingConnector connector = new(client, new ReconnectPolicy());
        // </sample>
        await use(client, connector);
    }

    // <sample>
    public static async Task<int> SpeakAsync(IMotionConnector connector, string avatarId, Stream pcm, CancellationToken cancellationToken)
    {
        await using IMotionConnection connection = await connector.ConnectAsync(avatarId, new MotionAudioFormat(16000), cancellationToken);
        string requestId = RequestIds.Create();
        Task<int> receiving = ReceiveAsync(connection, requestId, cancellationToken);
        await Task.WhenAll(SendAsync(connection, requestId, pcm, cancellationToken), receiving);
        return await receiving;
    }

    private static async Task SendAsync(IMotionConnection connection, string requestId, Stream pcm, CancellationToken cancellationToken)
    {
        byte[] chunk = new byte[3200]; // 100 ms
        int length;
        while ((length = await pcm.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            await connection.SendAudioAsync(requestId, chunk.AsMemory(0, length), isLast: false, cancellationToken);
        }

        await connection.SendAudioAsync(requestId, default, isLast: true, cancellationToken);
    }

    private static async Task<int> ReceiveAsync(IMotionConnection connection, string requestId, CancellationToken cancellationToken)
    {
        int keyframes = 0;
        await foreach (MotionMessage message in connection.ReadMotionAsync(cancellationToken))
        {
            using (message)
            {
                keyframes += message.KeyframeCount;
                // message.Envelope is what AvatarKit takes, byte for byte: pass it on, after the audio that it was made from.
                if (message.RequestId == requestId && message.End)
                {
                    return keyframes;
                }
            }
        }

        throw new InvalidOperationException("The Motion Server closed the connection before the motion was complete.");
    }

    // </sample>
}
