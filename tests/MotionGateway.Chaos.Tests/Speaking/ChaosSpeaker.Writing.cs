using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>What a speaker says.</summary>
internal sealed partial class ChaosSpeaker
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // How long the ledger may take to tell what became of turns while there was no call.
    private static readonly TimeSpan LedgerTime = TimeSpan.FromSeconds(2);

    private IReadOnlyList<SpokenTurn> _uncertain = [];

    /// <summary>Whether all that was said has been answered for.</summary>
    public bool IsSettled => Turns.All(IsOver);

    // Goes back to where the gateway is. What it does not name is over, or never came to it: the ledger tells.
    private void Rewind(SessionOpened opened)
    {
        var uncertain = new List<SpokenTurn>();
        foreach (var turn in Turns.Where(turn => turn.Sent > 0 || turn.IsEndSent))
        {
            if (opened.Turns.FirstOrDefault(progress => progress.TurnId == turn.Id) is { } progress)
            {
                _promises.Require(
                    progress.ReceivedBytes <= turn.Sent && progress.HandledBytes <= progress.ReceivedBytes
                        && progress.HandledBytes >= turn.AcknowledgedBytes && progress.DiscardedBytes <= progress.HandledBytes,
                    _who, () => $"resumed with {progress} of {turn}");
                turn.Sent = (int)progress.ReceivedBytes;
                turn.IsEndSent = progress.Complete;
            }
            else if (!IsOver(turn))
            {
                uncertain.Add(turn);
            }
        }

        _uncertain = uncertain;
    }

    private async Task SpeakAsync(
        AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call, Task attached, CancellationToken cancellationToken)
    {
        try
        {
            await attached;
            await (WaitsToSpeak ? _speech.Task.WaitAsync(cancellationToken) : Task.CompletedTask);
            await ResolveAsync(cancellationToken);
            for (int i = 0; i < Turns.Count; i++)
            {
                var turn = Turns[i];
                while (i > 0 && !turn.Plan.IsQueued && !IsOver(Turns[i - 1]))
                {
                    await Task.Delay(Look, cancellationToken);
                }

                if (!await SayAsync(call, turn, cancellationToken))
                {
                    return;
                }
            }

            await FinishAsync(call, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The call is over: another goes on.
        }
    }

    private async Task ResolveAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!_uncertain.All(IsOver) && watch.Elapsed < LedgerTime)
        {
            await Task.Delay(Look, cancellationToken);
        }

        foreach (var turn in _uncertain.Where(turn => !IsOver(turn)))
        {
            // What it had heard it has acknowledged, or it will discard it.
            turn.IsSentAgain = true;
            turn.Sent = (int)turn.AcknowledgedBytes;
            turn.IsEndSent = turn.IsEndSent && turn.Report is not null;
        }

        _uncertain = [];
    }

    private async Task<bool> SayAsync(
        AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call, SpokenTurn turn, CancellationToken cancellationToken)
    {
        var plan = turn.Plan;
        var watch = Stopwatch.StartNew();
        int began = turn.Sent;
        while (turn.Sent < plan.Speech.Length && !turn.IsEndSent)
        {
            turn.IsStopped |= turn.IsInterrupted && plan.StopsWhenInterrupted;
            if (turn.IsStopped)
            {
                break;
            }

            int length = Math.Min(plan.ChunkBytes, plan.Speech.Length - turn.Sent);
            bool isEnd = plan.EndsWithLastChunk && turn.Sent + length == plan.Speech.Length;
            var chunk = new AudioChunk
            {
                TurnId = plan.Name,
                Data = ByteString.CopyFrom(plan.Speech, turn.Sent, length),
                EndTurn = isEnd,
            };

            // Before it is written: its answer may be there before the write returns.
            turn.Sent += length;
            turn.IsEndSent |= isEnd;
            if (!await TryWriteAsync(call, new SpeakRequest { Audio = chunk }))
            {
                return false;
            }

            await WaitAsync(turn, turn.Sent - began, watch, cancellationToken);
        }

        if (!turn.IsEndSent && (!turn.IsStopped || (plan.EndsStopped && turn.Sent > 0)))
        {
            turn.IsEndSent = true;
            return await TryWriteAsync(call, new SpeakRequest { EndTurn = new EndTurn { TurnId = plan.Name } });
        }

        return true;
    }

    private async Task WaitAsync(SpokenTurn turn, int said, Stopwatch watch, CancellationToken cancellationToken)
    {
        if (turn.Plan.Pace > 0)
        {
            var due = TimeSpan.FromSeconds(said / (2.0 * _script.SampleRate * turn.Plan.Pace)) - watch.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancellationToken);
            }
        }
    }

    private async Task FinishAsync(AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call, CancellationToken cancellationToken)
    {
        while (_script.EndsSettled && !IsSettled)
        {
            await Task.Delay(Look, cancellationToken);
        }

        _isFinishing = true;
        if (_script.Ending == SessionEnding.HalfClose)
        {
            await _writing.WaitAsync(cancellationToken);
            try
            {
                await call.RequestStream.CompleteAsync();
            }
            catch (Exception exception) when (exception is RpcException or InvalidOperationException or IOException)
            {
                // The call is over: another goes on.
            }
            finally
            {
                _writing.Release();
            }
        }
        else
        {
            var close = new CloseSession { Reason = "chaos", WhenHeard = _script.Ending == SessionEnding.CloseWhenHeard };
            await TryWriteAsync(call, new SpeakRequest { Close = close });
        }
    }

    // A turn whose name was interrupted before its first audio neither starts nor ends.
    private bool IsOver(SpokenTurn turn)
    {
        bool isVoid = turn.IsInterrupted && turn.DiscardedBytes == turn.AcknowledgedBytes && turn.Report is null && !_view.HasStarted(turn.Id);
        bool isSaid = turn.IsSaid || (turn.Report is not null && turn.IsStopped) || (turn.IsStopped && turn.Sent == 0);
        return isSaid && turn.AcknowledgedBytes >= turn.Sent && (turn.Report is not null || isVoid);
    }
}
