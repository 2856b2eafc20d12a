using MotionGateway.Feeds;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Checker;

/// <summary>One random schedule: a session, its Motion Server, its speaker and viewers, and what each was promised.</summary>
internal sealed partial class ChaosRun : IDisposable
{
    private readonly Random _random;
    private readonly ChaosPlan _plan;
    private readonly SimulatedWorld _world = new();
    private readonly SimulatedMotionServer _server;
    private readonly SimulatedSession _simulation;
    private readonly LogPromises _log;
    private readonly SpeakerPromises _speaker;
    private readonly LazyReader _lazy;
    private readonly List<string>? _trace;
    private readonly Noise _noise;
    private readonly bool _isNamed;
    private long _allInterruptedAt = -1;
    private int _names;
    private readonly HashSet<string> _voidNames = [];

    public ChaosRun(int seed, List<string>? trace)
    {
        _random = TestSeedOf(seed);
        _plan = new ChaosPlan(_random);
        _noise = new Noise(_random);
        _trace = trace;
        _isNamed = _random.Next(2) == 0;
        _server = new SimulatedMotionServer(_world) { PlanLeg = Planned(_plan.PlanLeg), PlanRequest = Planned(_plan.PlanRequest) };
        Tell($"clean {_plan.IsClean}, {_plan.Settings}, lifetime {_plan.Lifetime}, recoveries {_plan.Limits.MaxRecoveries}");
        _simulation = new SimulatedSession(_world, _server, _plan.Settings, _plan.Limits, _plan.Lifetime);
        _log = new LogPromises(_simulation, _plan.Settings, _plan.Limits, _plan, Coverage);
        _speaker = new SpeakerPromises(_simulation, _log, Coverage);
        _lazy = new LazyReader(_simulation.Log, _random, Coverage);
        _world.OnSettled = () =>
        {
            _log.Observe();
            _speaker.Observe();
        };
    }

    public Coverage Coverage { get; } = new();

    private Session Session => _simulation.Session;

    private Reply? Current { get; set; }

    /// <summary>Lets go of the session, as a run that has kept every promise does itself.</summary>
    public void Dispose() => _simulation.Dispose();

    private static void Demand(bool isKept, string promise)
    {
        if (!isKept)
        {
            throw new PromiseBrokenException(promise);
        }
    }

    /// <summary>Runs the schedule.</summary>
    public void Run(int steps)
    {
        _simulation.Start();
        for (int i = 0; i < steps && !Session.IsClosed; i++)
        {
            Step();
            _lazy.Read();
        }

        End();
    }

    private static Random TestSeedOf(int seed) => Testing.TestSeed.Of(seed, 17);

    private Func<int, T> Planned<T>(Func<int, T> plan) => number =>
    {
        var planned = plan(number);
        Tell($"  {number} {planned}");
        return planned;
    };

    private void Tell(string what) => _trace?.Add($"{_world.Now.TotalMilliseconds,9:0.###} {what}");

    private void Step()
    {
        switch (_random.Next(24))
        {
            case < 9:
                Speak();
                break;
            case < 12:
                Pass(_random.Next(4) switch { 0 => 0, 1 => _random.Next(50), 2 => _random.Next(500), _ => _random.Next(3000) });
                break;
            case 12:
                SpeakLive();
                break;
            case 13:
                EndReply();
                break;
            case 14:
                Slip();
                break;
            case 15:
                InterruptAll();
                break;
            case 16:
                InterruptOne();
                break;
            case 17:
                Pause();
                break;
            case 18:
                ReportPlayback();
                break;
            case 19:
                SayTone();
                break;
            case 20:
                SendTooMuch();
                break;
            case 21:
                Leave();
                break;
            case 22:
                Do(SendMessage);
                break;
            default:
                SpeakWhole();
                break;
        }
    }

    private void Pass(int milliseconds)
    {
        Tell($"pass {milliseconds}");
        _world.Pass(milliseconds);
    }

    // Some logs here are far smaller than may be: one long message of motion fills them.
    private void SendMessage()
    {
        try
        {
            Session.Send(_simulation.Lease, new ViewerMessage { Kind = "transcript", Text = "text" });
        }
        catch (GatewayException refusal) when (refusal.Reason == ErrorReason.MemoryLimit && Session.Log.Bytes > 2 * Session.Limits.Log.MaxBytes)
        {
            Tell("message refused");
        }
    }

    private void Do(Action command)
    {
        if (!Session.IsClosed)
        {
            _world.Do(command);
        }
    }
}
