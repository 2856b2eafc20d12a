using MotionGateway.LocalMotion;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests.Conformance;

/// <summary>The local Motion Server with short turns, and a client that gives each step 100 ms.</summary>
internal sealed class FaultyServer : IAsyncDisposable
{
    public static readonly TimeSpan StepTimeout = TimeSpan.FromMilliseconds(100);
    public static readonly MotionAudioFormat Format = new(8000);

    private FaultyServer(LocalMotionServer server) => Server = server;

    public LocalMotionServer Server { get; }

    /// <summary>One second of speech.</summary>
    public static ReadOnlyMemory<byte> Speech { get; } = MakeSpeech();

    /// <summary>The motion of that second, as it comes without a fault: in messages of 10, 5, 5 and 5 keyframes.</summary>
    public IReadOnlyList<Flame> Motion { get; private set; } = [];

    public static async Task<FaultyServer> StartAsync()
    {
        var server = new FaultyServer(await LocalMotionServer.StartAsync(new LocalMotionServerOptions
        {
            FirstSegment = TimeSpan.FromMilliseconds(400),
            NextSegments = TimeSpan.FromMilliseconds(200),
            FaultDelay = TimeSpan.FromMilliseconds(20),
            Segments = MotionSegments.Recorded,
        }));
        await using MotionServerClient client = server.Client(change: options => options.StepTimeout = TimeSpan.FromSeconds(10));
        IMotionConnection connection = await client.ConnectAsync("avatar", Format).DefaultTimeout();
        await using ClientReading reading = new(connection);
        await reading.Start("first").SayAsync(Speech);
        await reading.Turn("first").Ended.DefaultTimeout();
        server.Motion = reading.Turn("first").Keyframes;
        Assert.Equal(25, server.Motion.Count);
        return server;
    }

    public MotionServerClient Client(
        string apiKey = LocalMotionServerOptions.DefaultApiKey, Action<MotionServerOptions>? change = null, TimeProvider? time = null,
        Microsoft.Extensions.Logging.ILoggerFactory? logs = null)
    {
        MotionServerOptions options = new()
        {
            AppId = LocalMotionServerOptions.DefaultAppId,
            ApiKey = apiKey,
            ConsoleUrl = Server.ConsoleUrl,
            IngressUrl = Server.IngressUrl,
            StepTimeout = StepTimeout,
            // Ten times what a turn's motion needs, and soon exceeded by what is too large.
            MaxMessageBytes = 64 * 1024,
        };
        change?.Invoke(options);
        return new MotionServerClient(options, timeProvider: time, loggerFactory: logs);
    }

    /// <summary>The key and avatar that ask for a fault.</summary>
    public static (string ApiKey, string AvatarId) Asking(Fault? fault) => fault switch
    {
        null => (LocalMotionServerOptions.DefaultApiKey, "avatar"),
        { Point: FaultPoint.Token } => (fault.Name, "avatar"),
        _ => (LocalMotionServerOptions.DefaultApiKey, fault.Name),
    };

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static byte[] MakeSpeech()
    {
        byte[] pcm = new byte[Format.SampleRate * sizeof(short)];
        for (int i = 0; i < Format.SampleRate; i++)
        {
            // Loudness and pitch rise, so that no two keyframes are alike.
            double time = (double)i / Format.SampleRate;
            BitConverter.TryWriteBytes(pcm.AsSpan(i * sizeof(short)), (short)(20000 * time * Math.Sin(2 * Math.PI * (200 + (400 * time)) * time)));
        }

        return pcm;
    }
}
