using System.Threading.Channels;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>Playback states that were received and not read yet. Most callers read none, so the oldest give way instead of ending the connection.</summary>
internal sealed class PlaybackInbox
{
    private const int Capacity = 256;

    private readonly Channel<PlaybackUpdate> _updates = Channel.CreateBounded<PlaybackUpdate>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true },
        static _ => MotionServerTelemetry.RecordIgnored("unread_playback_state"));

    public void Add(PlaybackUpdate update) => _updates.Writer.TryWrite(update);

    /// <summary>Ends the inbox; what is in it can still be read.</summary>
    /// <param name="failure">Thrown to readers after everything else; null ends quietly.</param>
    public void Complete(MotionServerException? failure) => _updates.Writer.TryComplete(failure);

    public IAsyncEnumerable<PlaybackUpdate> ReadAsync(CancellationToken cancellationToken) => _updates.Reader.ReadAllAsync(cancellationToken);

    public static PlaybackUpdate Read(ServerPlaybackState message) => new()
    {
        RequestId = message.ReqId,
        State = Enum.IsDefined((PlaybackState)message.State) ? (PlaybackState)message.State : PlaybackState.Unknown,
        Played = TimeSpan.FromMilliseconds(Math.Clamp(message.PlayedMs, 0, (long)TimeSpan.MaxValue.TotalMilliseconds)),
        Reason = message.Reason,
    };
}
