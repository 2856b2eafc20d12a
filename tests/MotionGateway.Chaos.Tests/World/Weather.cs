using System.Collections.Concurrent;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>What befalls the ways between, by chance: cuts, half-closes, stalls, and a Motion Server that dies and comes back.</summary>
internal sealed class Weather(ChaosWorld world, int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>How often each thing happened.</summary>
    public ConcurrentDictionary<string, int> Counts { get; } = new();

    /// <summary>Time between two events, on average.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval * (_random.NextDouble() * 2), cancellationToken);
                await StrikeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // It clears up.
        }
    }

    private async Task StrikeAsync()
    {
        var hops = world.Hops.ToArray();
        var hop = hops[_random.Next(hops.Length)];
        switch (_random.Next(40))
        {
            case < 14:
                Count("cut");
                hop.ToOne(_random, connection => connection.Cut());
                break;
            case < 21:
                Count("half-close");
                bool towardsServer = _random.Next(2) == 0;
                hop.ToOne(_random, connection => connection.HalfClose(towardsServer));
                break;
            case < 29:
                Count("stall");
                hop.ToOne(_random, connection => connection.Stall(Time(100, 3000)));
                break;
            case < 33:
                Count("stop of a peer");
                var stop = Time(100, 1500);
                hop.ToAll(connection => connection.Stall(stop));
                break;
            case < 34:
                Count("long stop of a peer");
                var longStop = Time(5500, 8000);
                hop.ToOne(_random, connection => connection.Stall(longStop));
                break;
            case < 36:
                Count("cut of all");
                hop.ToAll(connection => connection.Cut());
                break;
            case < 38:
                Count("fault of a token");
                world.MotionServer.Server.Faults.Arm(Faults.ChooseTokenFault(_random), count: 1);
                break;
            default:
                bool isKilled = _random.Next(2) == 0;
                Count(isKilled ? "kill of the Motion Server" : "restart of the Motion Server");
                await world.MotionServer.RestartAsync(isKilled, Time(0, 500));
                break;
        }
    }

    private TimeSpan Time(int least, int most) => TimeSpan.FromMilliseconds(_random.Next(least, most));

    private void Count(string what) => Counts.AddOrUpdate(what, 1, (_, count) => count + 1);
}
