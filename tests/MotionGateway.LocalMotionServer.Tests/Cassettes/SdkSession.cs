using MotionGateway.MotionServer;

namespace MotionGateway.LocalMotion.Tests.Cassettes;

/// <summary>Sessions of the Server SDK.</summary>
internal static class SdkSession
{
    public const int Rate = 16000;

    public static MotionServerClient Client(LocalMotionServer server, string apiKey = "local-key") => new(new MotionServerOptions
    {
        AppId = "local-app",
        ApiKey = apiKey,
        ConsoleUrl = server.ConsoleUrl,
        IngressUrl = server.IngressUrl,
    });

    /// <summary>Speaks turns of so many seconds and returns each one's motion.</summary>
    public static async Task<List<List<MotionMessage>>> SpeakAsync(LocalMotionServer server, params int[] seconds)
    {
        await using MotionServerClient client = Client(server);
        await using IMotionConnection connection = await client.ConnectAsync("avatar", new MotionAudioFormat(Rate));
        var turns = new List<List<MotionMessage>>();
        foreach (int length in seconds)
        {
            turns.Add(await SpeakAsync(connection, length));
        }

        return turns;
    }

    public static async Task<List<MotionMessage>> SpeakAsync(IMotionConnection connection, int seconds, int chunkBytes = 3200)
    {
        string requestId = RequestIds.Create();
        byte[][] chunks = [.. Speech.Babble(seconds * Rate, Rate).Chunk(chunkBytes)];
        for (int i = 0; i < chunks.Length; i++)
        {
            await connection.SendAudioAsync(requestId, chunks[i], isLast: i == chunks.Length - 1);
        }

        var motion = new List<MotionMessage>();
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        await foreach (MotionMessage message in connection.ReadMotionAsync(limit.Token))
        {
            Assert.Equal((requestId, connection.ConnectionId), (message.RequestId, message.ConnectionId));
            motion.Add(message);
            if (message.End)
            {
                break;
            }
        }

        return motion;
    }

    public static async Task<MotionServerException> FailAsync(LocalMotionServer server, string avatarId = "avatar", string apiKey = "local-key")
    {
        await using MotionServerClient client = Client(server, apiKey);
        return await Assert.ThrowsAsync<MotionServerException>(async () =>
        {
            await using IMotionConnection connection = await client.ConnectAsync(avatarId, new MotionAudioFormat(Rate));
            // In one message: a send must not meet the failure.
            await SpeakAsync(connection, seconds: 3, chunkBytes: 3 * 2 * Rate);
            await connection.Completion;
        });
    }
}
