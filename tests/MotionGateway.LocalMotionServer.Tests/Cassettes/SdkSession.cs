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
        await using IMotionRequest request = connection.StartRequest();
        foreach (byte[] chunk in Speech.Babble(seconds * Rate, Rate).Chunk(chunkBytes))
        {
            await request.SendAsync(chunk);
        }

        await request.EndAsync();
        var motion = new List<MotionMessage>();
        using var limit = new CancellationTokenSource(TaskTimeoutExtensions.Limit);
        await foreach (MotionMessage message in request.ReadMotionAsync(limit.Token))
        {
            Assert.Equal((request.Id, connection.ConnectionId), (message.RequestId, message.ConnectionId));
            motion.Add(message);
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
