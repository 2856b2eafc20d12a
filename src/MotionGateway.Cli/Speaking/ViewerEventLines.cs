using MotionGateway.V1;

namespace MotionGateway.Cli.Speaking;

/// <summary>Says what viewers do, in a line each; what goes on is told once.</summary>
internal sealed class ViewerEventLines
{
    private readonly HashSet<string> _talking = [];
    private readonly Dictionary<string, (string TurnId, PlaybackState State)> _playback = [];

    /// <summary>The line of an event; null when it is told already.</summary>
    public string? Describe(ViewerEvent viewerEvent)
    {
        string? what = viewerEvent.EventCase switch
        {
            ViewerEvent.EventOneofCase.Text => $"says: {viewerEvent.Text}",
            ViewerEvent.EventOneofCase.Interrupt => Describe(viewerEvent.Interrupt),
            ViewerEvent.EventOneofCase.MicrophoneAudio when _talking.Add(viewerEvent.ViewerId) =>
                $"talks into the microphone, {viewerEvent.MicrophoneAudio.SampleRate} Hz",
            ViewerEvent.EventOneofCase.Playback when IsNew(viewerEvent.ViewerId, viewerEvent.Playback) =>
                $"{viewerEvent.Playback.State.ToString().ToLowerInvariant()} turn {viewerEvent.Playback.TurnId} at sample {viewerEvent.Playback.PlayedSamples}",
            _ => null,
        };
        string lost = viewerEvent.LostBefore > 0 ? $" ({viewerEvent.LostBefore} events before this one were lost)" : "";
        return what is null ? null : $"viewer {viewerEvent.ViewerId} {what}{lost}";
    }

    private static string Describe(ViewerInterrupt interrupt)
    {
        string turn = interrupt.TurnId.Length > 0 ? $" turn {interrupt.TurnId}" : "";
        return $"interrupts{turn}{(interrupt.Reason.Length > 0 ? $": {interrupt.Reason}" : "")}";
    }

    private bool IsNew(string viewerId, PlaybackReport report)
    {
        var state = (report.TurnId, report.State);
        bool isKnown = _playback.TryGetValue(viewerId, out var known) && known == state;
        _playback[viewerId] = state;
        return !isKnown;
    }
}
