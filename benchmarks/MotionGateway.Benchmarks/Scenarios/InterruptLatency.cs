using System.Diagnostics;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>How soon a viewer at the relay learns of an interrupt, beside a bare unary call, while a hundred sessions speak.</summary>
internal sealed class InterruptLatency : IScenario
{
    private const int Sessions = 100;
    private const int Rounds = 10;

    private static readonly TimeSpan TurnLength = TimeSpan.FromSeconds(30);

    public string Name => "interrupt";

    public string Description => "interrupt sent to the turn's end at a viewer of the relay, 100 sessions speaking; peer: a bare unary call";

    public async Task<object> RunAsync(string executable)
    {
        using var deployment = await Deployment.StartAsync(executable);
        var speech = Conversation.CreateSpeech(TurnLength);
        var ends = new TurnEnds[Sessions];
        var conversations = new Conversation[Sessions];
        for (int i = 0; i < Sessions; i++)
        {
            var own = ends[i] = new TurnEnds();
            conversations[i] = await Conversation.OpenAsync(deployment, own.Take);
        }

        List<TimeSpan> interrupts = [], unary = [];
        for (int round = 0; round <= Rounds; round++)
        {
            string turn = $"turn-{round}";
            foreach (var (conversation, own) in conversations.Zip(ends))
            {
                own.Expect();
                await conversation.SpeakAsync(speech, turn, isLast: true);
            }

            await Task.WhenAll(ends.Select(own => own.Started));
            foreach (var (conversation, own) in conversations.Zip(ends))
            {
                var bare = await TimeUnaryAsync(deployment);
                long since = Stopwatch.GetTimestamp();
                await conversation.InterruptAsync();
                var took = Stopwatch.GetElapsedTime(since, await own.Ended);
                if (round > 0)
                {
                    interrupts.Add(took);
                    unary.Add(bare);
                }
            }
        }

        await Task.WhenAll(conversations.Select(conversation => conversation.DisposeAsync().AsTask()));
        var (subject, peer) = (Percentiles.Of(interrupts), Percentiles.Of(unary));
        return new
        {
            Name,
            Description,
            Sessions,
            SubjectMs = subject,
            PeerMs = peer,
            Ratio = Math.Round(subject.P50 / peer.P50, 2),
            P99Ratio = Math.Round(subject.P99 / peer.P99, 2),
        };
    }

    private static async Task<TimeSpan> TimeUnaryAsync(Deployment deployment)
    {
        long since = Stopwatch.GetTimestamp();
        await deployment.Sessions.GetViewerTokenKeysAsync(new GetViewerTokenKeysRequest());
        return Stopwatch.GetElapsedTime(since);
    }

    /// <summary>When a session's turn began and ended at its viewer.</summary>
    private sealed class TurnEnds
    {
        private TaskCompletionSource _started = new();
        private TaskCompletionSource<long> _ended = new();

        public Task Started => _started.Task;

        public Task<long> Ended => _ended.Task;

        public void Expect()
        {
            _started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ended = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public void Take(in PayloadHeader payload, int messageBytes)
        {
            if (payload.Kind == PayloadKind.Motion)
            {
                _started.TrySetResult();
            }
            else if (payload.Kind == PayloadKind.TurnEnded)
            {
                _ended.TrySetResult(Stopwatch.GetTimestamp());
            }
        }
    }
}
