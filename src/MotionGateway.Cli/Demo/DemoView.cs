using System.Diagnostics;
using System.Globalization;
using MotionGateway.Cli.Output;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MotionGateway.Cli.Demo;

/// <summary>Shows what the viewer receives while it does: a moving table on a terminal, lines elsewhere.</summary>
internal sealed class DemoView(Screen screen)
{
    private const int RowsShown = 6;
    private const int BarWidth = 20;
    private const int MaxNotices = 4;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<Row> _rows = [];
    private readonly Queue<string> _notices = new();
    private string _footer = "waiting for speech";

    /// <summary>Shows a notice.</summary>
    public void Notice(string text)
    {
        if (!screen.IsLive)
        {
            screen.Line(text);
            return;
        }

        lock (_lock)
        {
            _notices.Enqueue(text);
            while (_notices.Count > MaxNotices)
            {
                _notices.Dequeue();
            }
        }
    }

    /// <summary>Takes what the speaker is told.</summary>
    public void OnSpeech(SpeakResponse response)
    {
        if (response.MotionServerFailure is { } failure)
        {
            Notice($"Motion Server: {Failures.Describe(failure.Reason, failure.Message)}");
        }
    }

    /// <summary>Takes what the viewer received.</summary>
    public void OnPayload(Payload payload, ViewedTurn? turn, double? sinceSpokenMs, ContiguityTracker contiguity)
    {
        lock (_lock)
        {
            _footer = $"sequence {contiguity.LastSequence}, {(contiguity.IsContiguous ? "contiguous" : "WITH GAPS")}";
            if (turn is null)
            {
                return;
            }

            var row = _rows.Find(known => known.Turn == turn);
            if (row is null)
            {
                _rows.Add(row = new Row(turn, Stopwatch.GetTimestamp()));
            }

            bool isFirstMotion = payload.ContentCase == Payload.ContentOneofCase.Motion && row.FirstMotionMs is null;
            if (isFirstMotion)
            {
                row.FirstMotionMs = sinceSpokenMs;
            }

            row.Update();
            if (!screen.IsLive && Tell(payload, row, isFirstMotion) is { } line)
            {
                screen.Line($"{DateTime.Now:HH:mm:ss.fff}  {turn.Id}: {line}");
            }
        }
    }

    /// <summary>Keeps the table moving until the task ends; does nothing where nothing can move.</summary>
    public async Task ShowUntilAsync(Task task)
    {
        if (screen.IsLive)
        {
            await screen.Console.Live(Render()).StartAsync(async live =>
            {
                while (!task.IsCompleted)
                {
                    live.UpdateTarget(Render());
                    await Task.WhenAny(task, Task.Delay(Refresh));
                }

                live.UpdateTarget(Render());
            });
        }

        else
        {
            await TellProgressUntilAsync(task);
        }

        await task;
    }

    private static string Seconds(double milliseconds) => (milliseconds / 1000).ToString("0.0", CultureInfo.InvariantCulture);

    // A turn is heard for longer than anybody watches a terminal on which nothing happens.
    private async Task TellProgressUntilAsync(Task task)
    {
        while (await Task.WhenAny(task, Task.Delay(ProgressInterval)) != task)
        {
            string? line;
            lock (_lock)
            {
                line = _rows.Find(row => row.IsPlaying) is { } row ? $"{row.Turn.Id}: {Seconds(row.PlayedMs)} of {Seconds(row.Turn.AudioMs)} s heard" : null;
            }

            if (line is not null)
            {
                Screen.Note(line);
            }
        }
    }

    private static string? Tell(Payload payload, Row row, bool isFirstMotion) => payload.ContentCase switch
    {
        Payload.ContentOneofCase.TurnStarted => "started",
        Payload.ContentOneofCase.Motion when isFirstMotion => $"first motion{(row.FirstMotionMs is { } ms ? $" {ms:0} ms after the first speech" : "")}",
        Payload.ContentOneofCase.TurnSealed =>
            $"received whole: {row.Turn.AudioBytes} bytes of audio, {row.Turn.MotionMessages} motion messages, {row.Turn.Keyframes} keyframes; playing",
        Payload.ContentOneofCase.TurnEnded => $"ended: {row.State}",
        _ => null,
    };

    private Rows Render()
    {
        lock (_lock)
        {
            var table = new Table().Border(TableBorder.Rounded)
                .AddColumns("turn", "state", "audio", "motion", "first motion", "playback").Caption(Markup.Escape(_footer));
            foreach (var row in _rows.TakeLast(RowsShown))
            {
                table.AddRow(row.ToCells());
            }

            return new Rows([table, .. _notices.Select(notice => (IRenderable)new Text(Screen.Clean(notice)))]);
        }
    }

    /// <summary>A turn as it is shown; copies what the viewer counts, which goes on meanwhile.</summary>
    private sealed class Row(ViewedTurn turn, long startedAt)
    {
        private double _playedWhenEnded = -1;
        private string[] _counts = ["", ""];
        private double _audioMs;

        public ViewedTurn Turn { get; } = turn;

        public double? FirstMotionMs { get; set; }

        public string State { get; private set; } = "started";

        public bool IsPlaying => Turn.Ended is null && _audioMs > 0;

        public double PlayedMs => Played() * _audioMs;

        public void Update()
        {
            _audioMs = Turn.AudioMs;
            _counts =
            [
                $"{_audioMs / 1000:0.0} s, {Turn.AudioBytes / 1024} KiB",
                $"{Turn.MotionMessages} messages, {Turn.Keyframes} keyframes",
            ];
            State = Turn.Ended is { } ended ? ended.Outcome.ToString().ToLowerInvariant() : Turn.Sealed is not null ? "received" : "receiving";
            if (Turn.Ended is not null && _playedWhenEnded < 0)
            {
                _playedWhenEnded = Turn.Ended.Outcome == TurnOutcome.Completed ? 1 : Played();
            }
        }

        public string[] ToCells()
        {
            double played = _playedWhenEnded >= 0 ? _playedWhenEnded : Played();
            int filled = (int)Math.Round(played * BarWidth);
            string bar = $"[green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] {played:P0}";
            string firstMotion = FirstMotionMs is { } ms ? $"{ms:0} ms" : "-";
            return [Markup.Escape(Screen.Clean(Turn.Id)), State, _counts[0], _counts[1], firstMotion, bar];
        }

        private double Played() =>
            _audioMs <= 0 ? 0 : Math.Clamp(Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds / _audioMs, 0, 1);
    }
}
