using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Output;
using MotionGateway.Cli.Speaking;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;
using Spectre.Console;

namespace MotionGateway.Cli.Commands;

/// <summary>One run of <c>speak</c>.</summary>
internal sealed class SpeakRun(SpeakCommand.SpeakPlan plan, Screen screen, SpeechService.SpeechServiceClient client) : IAsyncDisposable
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _end = new();
    private readonly SpokenTurn _turn = new(plan.TurnId);
    private readonly ViewerEventLines _viewers = new();
    private readonly TaskCompletionSource _firstChunk = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SpeechStream? _stream;
    private Task _interrupting = Task.CompletedTask;
    private volatile bool _isRefused;

    /// <summary>Opens, sends, waits and closes.</summary>
    public async Task<int> RunAsync(SpeechInput input, CancellationToken cancellationToken)
    {
        var format = input.ToAudioFormat();
        _stream = await SpeechStream.OpenAsync(client, First(format), Handle, cancellationToken);
        CheckForm(format);
        ShowOpened();
        _interrupting = InterruptAsync();
        await SendAsync(input, cancellationToken);
        await WaitForEndAsync(cancellationToken);
        Show();
        if (plan.IsHeld)
        {
            screen.Line("Holding the session until Ctrl+C.");
            await Task.WhenAny(_stream.Completion, Task.Delay(Timeout.Infinite, cancellationToken));
        }

        if (!plan.IsKept)
        {
            await CloseAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Result();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _interrupting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }

        _end.Dispose();
    }

    private void Handle(SpeakResponse response)
    {
        _turn.Handle(response);
        if (response.Refused is { } refused && refused.TurnId == _turn.TurnId)
        {
            ShowRefused(response, refused);
        }

        if (response.ViewerEvent is not { } viewerEvent)
        {
            return;
        }

        if (screen.IsJson)
        {
            screen.Json(response);
        }

        if (_viewers.Describe(viewerEvent) is { } line)
        {
            screen.LineAbove(line);
        }
    }

    // What is refused is told at once; the turn's end tells no more than the reason.
    private void ShowRefused(SpeakResponse response, RequestRefused refused)
    {
        _isRefused = true;
        if (screen.IsJson)
        {
            screen.Json(response);
        }

        screen.LineAbove($"refused: {Failures.Describe(refused.Reason, refused.Message)}");
    }

    // A resumed session takes what it was opened for.
    private void CheckForm(AudioFormat format)
    {
        var taken = _stream!.Opened.AudioFormat;
        bool isTaken = format.Encoding == taken.Encoding && Agrees(format.SampleRate, taken.SampleRate) && Agrees(format.Channels, taken.Channels);
        if (!isTaken)
        {
            throw new AudioFormatException(
                $"The session takes {EncodingNames.Describe(taken)}, and this is {EncodingNames.Describe(format)}: convert it, or open another session.");
        }
    }

    private static bool Agrees(int given, int taken) => given == taken || given == 0 || taken == 0;

    private void ShowOpened()
    {
        var opened = _stream!.Opened;
        string page = ViewerPage.AddressOf(plan.Relay, opened.SessionId, opened.ViewerToken);
        screen.Line(
            $"session {opened.SessionId}, turn {_turn.TurnId}, {EncodingNames.Describe(opened.AudioFormat)}, "
            + $"delivered as {EncodingNames.Describe(opened.Delivery)}");
        screen.Line($"page {page}");
        if (screen.IsJson)
        {
            var (form, delivery) = (opened.AudioFormat, opened.Delivery);
            screen.Json(new
            {
                opened = new
                {
                    sessionId = opened.SessionId,
                    page,
                    audioFormat = new { encoding = EncodingNames.Of(form.Encoding), form.SampleRate, form.Channels },
                    delivery = new
                    {
                        audioEncoding = EncodingNames.Of(delivery.AudioEncoding),
                        delivery.SampleRate,
                        delivery.AudioRelease,
                        delivery.MaxLeadMs,
                        delivery.MaxMotionWaitMs,
                        delivery.MaxPayloadMs,
                    },
                },
            });
        }
    }

    private SpeakRequest First(AudioFormat format) => plan.SessionId is { } session
        ? new SpeakRequest { Resume = new ResumeSession { SessionId = session, ResumeToken = plan.ResumeToken } }
        : new SpeakRequest
        {
            Open = new OpenSession { AvatarId = plan.AvatarId, App = plan.App, AudioFormat = format, Delivery = plan.Delivery },
        };

    private async Task SendAsync(SpeechInput input, CancellationToken cancellationToken)
    {
        if (!screen.IsLive)
        {
            await SendAsync(input, _ => { }, cancellationToken);
            return;
        }

        await screen.Console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask("sending", maxValue: input.Length ?? 1);
                bar.IsIndeterminate = input.Length is null;
                await SendAsync(input, sent => bar.Value = input.Length is null ? 0 : sent, cancellationToken);
                bar.IsIndeterminate = false;
                bar.Value = bar.MaxValue;
            });
    }

    private async Task SendAsync(SpeechInput input, Action<long> onProgress, CancellationToken cancellationToken)
    {
        var sender = new SpeechSender(_stream!)
        {
            Chunk = plan.Chunk,
            IsRealTime = plan.IsRealTime,
            IsOver = () => _isRefused,
            OnProgress = sent =>
            {
                _turn.AudioBytesSent = sent;
                _firstChunk.TrySetResult();
                onProgress(sent);
            },
        };
        await sender.SendAsync(_turn.TurnId, input, cancellationToken);
    }

    private async Task InterruptAsync()
    {
        if (plan.InterruptAfter is { } delay)
        {
            await _firstChunk.Task.WaitAsync(_end.Token);
            await Task.Delay(delay, _end.Token);
            var interrupt = new Interrupt { TurnId = _turn.TurnId, Reason = "asked for on the command line" };
            await _stream!.WriteAsync(new SpeakRequest { Interrupt = interrupt }, _end.Token);
        }
    }

    private async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        var ended = _turn.Ended.WaitAsync(cancellationToken);
        if (await Task.WhenAny(ended, _stream!.Completion) == _stream.Completion && !_turn.Ended.IsCompleted)
        {
            await _stream.Completion;
            throw new CommandException("The session was closed before the turn had ended.");
        }

        await ended;
    }

    // Ctrl+C ends the session too: nobody would come back for it.
    private async Task CloseAsync()
    {
        using var limit = new CancellationTokenSource(CloseLimit);
        try
        {
            await _stream!.CloseAsync("done", limit.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or CommandException)
        {
            screen.Line($"The session may still be open: {failure.Message}");
        }
    }

    private int Result()
    {
        bool isAsExpected = _turn.Outcome == TurnOutcome.Completed
            || (_turn.Outcome == TurnOutcome.Interrupted && plan.InterruptAfter is not null);
        return isAsExpected ? ExitCode.Ok : throw new CommandException(
            $"The turn ended {_turn.Outcome.ToString().ToLowerInvariant()}{(_turn.Error is { } error ? $": {error}" : "")}.");
    }

    private void Show()
    {
        string? resumeToken = plan.IsKept ? _stream!.Opened.ResumeToken : null;
        if (screen.IsJson)
        {
            screen.Json(new { sessionId = _stream!.Opened.SessionId, resumeToken, turns = new[] { _turn } });
        }

        var table = new Table().AddColumns("turn", "samples", "keyframes", "first motion", "released", "sealed", "outcome");
        table.AddRow(
            Markup.Escape(_turn.TurnId), $"{_turn.Samples}", $"{_turn.Keyframes}", Ms(_turn.FirstMotionMs), Ms(_turn.ReleasedMs),
            Ms(_turn.SealedMs), Markup.Escape($"{_turn.Outcome.ToString().ToLowerInvariant()} {_turn.Error}".TrimEnd()));
        screen.Console.Write(table);
        foreach (var remark in _turn.AudioWarnings)
        {
            screen.Line($"warning: the audio {remark.Text}");
        }

        if (resumeToken is not null && !screen.IsJson)
        {
            screen.Line($"Resume with: --session {_stream!.Opened.SessionId} --resume-token {resumeToken}");
        }
    }

    private static string Ms(long? milliseconds) => milliseconds is { } value ? $"{value} ms" : "-";
}
