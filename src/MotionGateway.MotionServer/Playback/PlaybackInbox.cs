using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.MotionServer;

/// <summary>
/// Playback states that were received and not read yet, with the errors that were reported between them. Most callers read none, so the oldest give way instead of ending
/// the connection.
/// </summary>
internal sealed class PlaybackInbox
{
    private const int Capacity = 256;

    private readonly Channel<object> _entries = Channel.CreateBounded<object>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest },
        static entry => MotionServerTelemetry.RecordIgnored(entry is PlaybackUpdate ? "unread_playback_state" : "unread_error"));

    public void Add(PlaybackUpdate update) => _entries.Writer.TryWrite(update);

    /// <summary>Adds an error that the server reported.</summary>
    public void Add(MotionServerException error) => _entries.Writer.TryWrite(error);

    /// <summary>Ends the inbox; what is in it can still be read.</summary>
    /// <param name="failure">Thrown to readers after everything else; null ends quietly.</param>
    public void Complete(MotionServerException? failure) => _entries.Writer.TryComplete(failure);

    public async IAsyncEnumerable<PlaybackUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (object entry in _entries.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return entry as PlaybackUpdate ?? throw (MotionServerException)entry;
        }
    }

    public static PlaybackUpdate Read(ServerPlaybackState message) => new()
    {
        RequestId = message.ReqId,
        State = Enum.IsDefined((PlaybackState)message.State) ? (PlaybackState)message.State : PlaybackState.Unknown,
        Played = TimeSpan.FromMilliseconds(Math.Clamp(message.PlayedMs, 0, (long)TimeSpan.MaxValue.TotalMilliseconds)),
        Reason = message.Reason,
    };
}
