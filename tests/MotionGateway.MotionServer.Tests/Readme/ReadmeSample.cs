using Microsoft.Extensions.DependencyInjection;

namespace MotionGateway.MotionServer.Tests.Readme;

/// <summary>The samples of the Server SDK's README, where a test runs them. Lines that are marked are left out there.</summary>
internal static class ReadmeSample
{
    /// <summary>The program that the README begins with.</summary>
    /// <returns>What it writes.</returns>
    public static async Task<string> SpeakAsync(Action<MotionServerOptions> change, ReadOnlyMemory<byte> speech)
    {
        await using StringWriter Console = new();
        // <sample>
        MotionServerOptions options = new() { AppId = "your-app", ApiKey = "your-key" };
        change(options); // test only
        await using MotionServerClient client = new(options);
        await using IMotionConnection connection = await client.ConnectAsync("your-avatar", new MotionAudioFormat(16000));
        await using IMotionRequest turn = connection.StartRequest();
        await turn.SendAsync(speech); // PCM, signed 16-bit; as often as there is some, cut anywhere
        await turn.EndAsync();
        await foreach (MotionMessage motion in turn.ReadMotionAsync())
        {
            Console.WriteLine($"{motion.KeyframeCount} keyframes"); // motion.Envelope is what AvatarKit takes, byte for byte
            motion.Dispose();
        }

        // </sample>
        return Console.ToString();
    }

    /// <summary>How services are registered.</summary>
    public static void Register(IServiceCollection services)
    {
        // <sample>
        services.AddMotionServer().BindConfiguration("MotionServer");
        // </sample>
    }
}
