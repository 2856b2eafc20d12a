using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Speaking;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Loading;

/// <summary>One session under load, with its viewers: it says a clip again and again, at the pace of speech.</summary>
internal sealed class LoadSession(LoadPlan plan, LoadPeers peers, DemoClip clip, LoadTally tally, TimeProvider time)
{
    /// <summary>Speaks until it is told to stop, then lets the turn end and closes. What fails is counted.</summary>
    /// <param name="stop">Ends it in good order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        if (await OpenAsync(cancellationToken) is not { } conversation)
        {
            return;
        }

        await using (conversation)
        {
            List<FollowedFeed> viewers = [];
            try
            {
                viewers.AddRange(await JoinAsync(conversation, cancellationToken));
                await SpeakAsync(conversation, stop, cancellationToken);
                await Task.WhenAll(viewers.Select(viewer => WaitAsync(viewer, cancellationToken)));
            }
            finally
            {
                await Task.WhenAll(viewers.Select(LeaveAsync));
            }
        }
    }

    private async Task<Conversation?> OpenAsync(CancellationToken cancellationToken)
    {
        var open = new OpenSession
        {
            AvatarId = plan.AvatarId,
            AudioFormat = new AudioFormat { SampleRate = clip.SampleRate },
            Labels = { ["started-by"] = "bench" },
        };
        long start = time.GetTimestamp();
        try
        {
            var conversation = await Conversation.OpenAsync(peers.Speech, open, time, cancellationToken);
            tally.Open(time.GetElapsedTime(start));
            return conversation;
        }
        catch (CommandException failure)
        {
            tally.RefuseSession(failure);
            return null;
        }
    }

    private async Task<IEnumerable<FollowedFeed>> JoinAsync(Conversation conversation, CancellationToken cancellationToken)
    {
        var joining = Enumerable.Range(0, plan.ViewersPerSession).Select(_ => JoinOneAsync(conversation, cancellationToken));
        return (await Task.WhenAll(joining)).OfType<FollowedFeed>();
    }

    private async Task<FollowedFeed?> JoinOneAsync(Conversation conversation, CancellationToken cancellationToken)
    {
        var viewer = peers.Follow(conversation.Opened, payload => tally.Receive(payload, DelayOf(conversation.Turn, payload)));
        try
        {
            await viewer.JoinAsync(cancellationToken);
            tally.Join();
            return viewer;
        }
        catch (Exception failure)
        {
            await viewer.DisposeAsync();
            if (failure is not CommandException told)
            {
                throw;
            }

            tally.RefuseViewer(told);
            return null;
        }
    }

    private async Task SpeakAsync(Conversation conversation, CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                tally.End(await conversation.SayAsync(clip.Samples, isRealTime: true, stop, cancellationToken));
            }

            await conversation.CloseAsync("measured", cancellationToken);
        }
        catch (CommandException failure)
        {
            tally.LoseSession(failure);
        }
    }

    // A feed ends with its session.
    private async Task WaitAsync(FollowedFeed viewer, CancellationToken cancellationToken)
    {
        try
        {
            await viewer.Completion.WaitAsync(cancellationToken);
        }
        catch (CommandException failure)
        {
            tally.LoseViewer(failure);
        }
    }

    private async Task LeaveAsync(FollowedFeed viewer)
    {
        await viewer.DisposeAsync();
        tally.Leave(viewer);
    }

    private static TimeSpan? DelayOf(TimedTurn? turn, Payload payload) => turn?.Id == payload.TurnId ? turn.Timer.DelayOf(payload) : null;
}
