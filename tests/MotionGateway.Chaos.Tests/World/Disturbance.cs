using Grpc.Core;
using MotionGateway.Chaos.Tests.Checking;
using MotionGateway.Chaos.Tests.Reading;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.World;

/// <summary>What people do during a session, by chance: they interrupt, pause, and tell where they are.</summary>
internal sealed class Disturbance(
    ChaosWorld world, ChaosSpeaker speaker, IReadOnlyList<ChaosReader> readers, string sessionId, SessionView view, int seed)
{
    private readonly Random _random = new(seed);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_random.Next(300, 4000), cancellationToken);
                await ActAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The session is over.
        }
    }

    private async Task ActAsync(CancellationToken cancellationToken)
    {
        var reader = readers[_random.Next(readers.Count)];
        string turn = speaker.Turns[_random.Next(speaker.Turns.Count)].Id;
        bool isNamed = speaker.Turns[0].Plan.Name.Length > 0;
        switch (_random.Next(isNamed ? 10 : 6))
        {
            case 0:
                await speaker.TrySendAsync(new SpeakRequest { PausePlayback = new PausePlayback() });
                await Task.Delay(_random.Next(800), cancellationToken);
                await speaker.TrySendAsync(new SpeakRequest { ResumePlayback = new ResumePlayback() });
                break;
            case 1:
                await speaker.TrySendAsync(new SpeakRequest { ViewerMessage = new ViewerMessage { Kind = "text", Text = "chaos" } });
                break;
            case 2:
                string playing = view.Started is [.., var last] ? last : "";
                await reader.SendAsync(new ViewerEvent { Playback = new PlaybackReport { TurnId = playing, PlayedSamples = _random.Next(10_000) } });
                break;
            case 3:
                await reader.SendAsync(new ViewerEvent { Text = "chaos" });
                break;
            case 4:
                speaker.ExpectInterrupt();
                await reader.SendAsync(new ViewerEvent { Interrupt = new ViewerInterrupt { Reason = "chaos", Position = reader.Position } });
                break;
            case 5:
                await InterruptAsync("", InterruptScope.Unspecified, cancellationToken);
                break;
            case 6:
                await InterruptAsync(turn, InterruptScope.Unspecified, cancellationToken);
                break;
            case 7:
                await speaker.InterruptAsync("", InterruptScope.All);
                break;
            case 8:
                await speaker.InterruptAsync("", InterruptScope.Turn);
                break;
            default:
                await speaker.InterruptAsync(turn, InterruptScope.Unspecified);
                break;
        }
    }

    private async Task InterruptAsync(string turnId, InterruptScope scope, CancellationToken cancellationToken)
    {
        speaker.ExpectInterrupt();
        try
        {
            foreach (var turn in speaker.Turns.Where(turn => turnId.Length > 0 && turn.Id == turnId && turn.Report is null))
            {
                turn.IsInterrupted = true;
            }

            var request = new InterruptSessionRequest { SessionId = sessionId, TurnId = turnId, Scope = scope, Reason = "chaos" };
            await new SessionService.SessionServiceClient(world.Control).InterruptSessionAsync(request, cancellationToken: cancellationToken);
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.FailedPrecondition or StatusCode.NotFound or StatusCode.Cancelled)
        {
            // The session has ended in the meantime.
        }
    }
}
