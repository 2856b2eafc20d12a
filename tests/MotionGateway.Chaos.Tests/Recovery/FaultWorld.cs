using MotionGateway.Chaos.Tests.World;
using MotionGateway.LocalMotion;
using MotionGateway.LocalMotion.Faults;
using MotionGateway.MotionServer;

namespace MotionGateway.Chaos.Tests.Recovery;

/// <summary>
/// Where one kind of fault is tried. What should come back is given time to; what cannot come back in time, by what the fault's line
/// says, is given less than the wait that keeps it away.
/// </summary>
internal sealed class FaultWorld : IAsyncDisposable
{
    /// <summary>The most that audio may wait for motion.</summary>
    public static readonly TimeSpan MotionWait = TimeSpan.FromSeconds(10);

    /// <summary>The same where motion does not come back.</summary>
    public static readonly TimeSpan ShortMotionWait = TimeSpan.FromMilliseconds(500);

    /// <summary>How long motion may be due before it is asked for again: how stalls are detected. A busy machine stands still for less.</summary>
    public static readonly TimeSpan MotionTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongMotionTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongGrace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ShortGrace = TimeSpan.FromMilliseconds(300);

    // Longer than all that a turn of this test lasts where it is to be lost: who hangs does not come back in time.
    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(12);

    private readonly SemaphoreSlim _places;

    private FaultWorld(ChaosWorld world, int atOneTime)
    {
        World = world;
        _places = new SemaphoreSlim(atOneTime, atOneTime);
    }

    public ChaosWorld World { get; }

    public static async Task<FaultWorld> StartAsync(SessionOutcome outcome, bool isPaced, int atOneTime)
    {
        bool isRecovered = outcome == SessionOutcome.Recovered;
        var world = await ChaosWorld.StartAsync(
            hasRelay: false,
            options =>
            {
                options.MotionServer.StepTimeout = isRecovered ? TimeSpan.FromSeconds(5) : LongStep;
                // On a busy machine motion that is well must not be taken for lost before the fault comes: it would be used up.
                options.MotionServer.MotionTimeout = isRecovered ? MotionTimeout : LongMotionTimeout;
                options.MotionServerReconnect = Reconnect;
                options.Limits = options.Limits with { RecoveryGrace = isRecovered ? LongGrace : ShortGrace };
            },
            options =>
            {
                options.FirstSegment = TimeSpan.FromMilliseconds(400);
                options.NextSegments = TimeSpan.FromMilliseconds(400);
                options.Pace = isPaced ? ProcessingPace.RealTime : ProcessingPace.AsFastAsPossible;
            });
        return new FaultWorld(world, atOneTime);
    }

    /// <summary>How a lost connection is made anew.</summary>
    public static ReconnectPolicy Reconnect { get; } = new()
    {
        MaxAttempts = 4,
        FirstDelay = TimeSpan.FromMilliseconds(100),
        Multiplier = 2,
        Budget = TimeSpan.FromSeconds(20),
        Jitter = 0,
    };

    /// <summary>Runs something when there is place for it.</summary>
    public async Task<FaultResult> RunAsync(Func<Task<FaultResult>> run)
    {
        await _places.WaitAsync();
        try
        {
            return await run();
        }
        finally
        {
            _places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        _places.Dispose();
    }
}
