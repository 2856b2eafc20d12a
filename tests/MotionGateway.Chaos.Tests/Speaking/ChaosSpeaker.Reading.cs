using Grpc.Core;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Speaking;

/// <summary>What a speaker is told.</summary>
internal sealed partial class ChaosSpeaker
{
    private readonly HashSet<string> _void = [];
    private readonly List<SpeakResponse> _early = [];
    private string _resumeToken = "";
    private long _ledgerPosition;

    private async Task ReadAsync(
        AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call, TaskCompletionSource attached, CancellationTokenSource over)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        silence.CancelAfter(SilenceLimit * 3);
        while (await call.ResponseStream.MoveNext(silence.Token))
        {
            silence.CancelAfter(SilenceLimit);
            var response = call.ResponseStream.Current;
            if (response.Opened is { } opened)
            {
                OnOpened(opened, call);
                attached.SetResult();
            }
            else
            {
                Handle(response);
            }
        }
    }

    private void OnOpened(SessionOpened opened, AsyncDuplexStreamingCall<SpeakRequest, SpeakResponse> call)
    {
        _resumeToken = opened.ResumeToken;
        _call = call;
        _void.Clear();
        if (!_opened.Task.IsCompleted)
        {
            _cursor.Start(new Position { Epoch = opened.Position.Epoch });
            _opened.SetResult(opened);
            return;
        }

        Resumes++;
        _promises.Require(opened.Resumed, _who, () => "a resume is not told as one");
        Rewind(opened);
    }

    private void Handle(SpeakResponse response)
    {
        if (response.LedgerPosition > 0)
        {
            _promises.Require(
                response.LedgerPosition > _ledgerPosition, _who, () => $"ledger position {response.LedgerPosition} after {_ledgerPosition}: {response}");
            _ledgerPosition = response.LedgerPosition;
        }

        TakeOrKeep(response);
    }

    private void TakeOrKeep(SpeakResponse response)
    {
        string turnId = response.AudioAcknowledged?.TurnId ?? response.TurnReport?.TurnId ?? "";
        if (turnId.Length > 0 && Find(turnId) is null && Turns.Any(turn => turn.Id.Length == 0))
        {
            // It may be told before the start that tells which turn is called so.
            _early.Add(response);
            return;
        }

        Take(response);
    }

    private void Take(SpeakResponse response)
    {
        switch (response.ResponseCase)
        {
            case SpeakResponse.ResponseOneofCase.Payload:
                OnPayload(response.Payload);
                break;
            case SpeakResponse.ResponseOneofCase.Skipped:
                _cursor.Skip(response.Skipped);
                break;
            case SpeakResponse.ResponseOneofCase.AudioAcknowledged:
                OnAcknowledged(response.AudioAcknowledged);
                break;
            case SpeakResponse.ResponseOneofCase.InterruptAcknowledged:
                OnInterrupted(response.InterruptAcknowledged);
                break;
            case SpeakResponse.ResponseOneofCase.TurnReport:
                OnReport(response.TurnReport);
                break;
            case SpeakResponse.ResponseOneofCase.MotionServerFailure:
                Failures.Add($"{response.MotionServerFailure.Reason} {response.MotionServerFailure.Phase}");
                LostTurns.UnionWith(response.MotionServerFailure.LostTurnIds);
                _promises.Require(
                    response.MotionServerFailure.Reason != ErrorReason.Unspecified, _who, () => $"a failure without a reason: {response}");
                break;
            case SpeakResponse.ResponseOneofCase.Refused:
                _promises.Break(_who, $"refused: {response.Refused}");
                break;
            case SpeakResponse.ResponseOneofCase.ReadingStopped:
                Stops++;
                break;
            case SpeakResponse.ResponseOneofCase.Closed:
                _closed = response.Closed;
                break;
        }
    }

    private void OnPayload(Payload payload)
    {
        _cursor.Take(payload);
        if (payload.TurnStarted is { } started)
        {
            Name(payload.TurnId, started.Ordinal);
        }

        bool isMedia = payload.Audio is not null || payload.Motion is not null;
        _promises.Require(
            !isMedia || !_void.Contains(payload.TurnId), _who, () => $"{payload.ContentCase} of turn '{payload.TurnId}' after its interrupt was acknowledged");
        if (payload.TurnEnded is { Outcome: TurnOutcome.Interrupted } && Find(payload.TurnId) is { } turn)
        {
            turn.IsInterrupted = true;
        }
    }

    private void OnAcknowledged(AudioAcknowledged acknowledged)
    {
        if (Find(acknowledged.TurnId) is not { } turn)
        {
            _promises.Break(_who, $"acknowledged a turn that was not spoken: {acknowledged}");
            return;
        }

        _promises.Require(
            acknowledged.Bytes >= turn.AcknowledgedBytes && acknowledged.DiscardedBytes <= acknowledged.Bytes
                && acknowledged.DiscardedBytes >= turn.DiscardedBytes,
            _who, () => $"acknowledgement {acknowledged} of {turn}");
        _promises.Require(
            turn.IsSentAgain || acknowledged.Bytes <= turn.Plan.Speech.Length, _who, () => $"acknowledged more than was sent: {acknowledged} of {turn}");
        (turn.AcknowledgedBytes, turn.DiscardedBytes) = (acknowledged.Bytes, acknowledged.DiscardedBytes);
    }

    private void OnInterrupted(InterruptAcknowledged acknowledged)
    {
        if (acknowledged.AlreadyEnded)
        {
            return;
        }

        foreach (string id in acknowledged.FurtherTurnIds.Prepend(acknowledged.TurnId))
        {
            _void.Add(id);
            if (Find(id) is { } turn)
            {
                turn.IsInterrupted = true;
            }
            else
            {
                _promises.Break(_who, $"an interrupt ended a turn that was not spoken: {acknowledged}");
            }
        }
    }

    private void OnReport(TurnReport report)
    {
        if (Find(report.TurnId) is not { } turn)
        {
            _promises.Break(_who, $"reported a turn that was not spoken: {report}");
            return;
        }

        turn.Reports++;
        _promises.Require(turn.Reports == 1, _who, () => $"reported twice: {turn}");
        turn.Report = report;
    }

    private SpokenTurn? Find(string turnId) => Turns.FirstOrDefault(turn => turn.Id == turnId);

    // An unnamed turn learns its name: turns are numbered as they were spoken.
    private void Name(string turnId, long ordinal)
    {
        if (Find(turnId) is not null || ordinal > Turns.Count)
        {
            return;
        }

        Turns[(int)ordinal - 1].Id = turnId;
        var early = _early.ToList();
        _early.Clear();
        early.ForEach(TakeOrKeep);
    }
}
