using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Audio that readers get as samples: what is kept for the Motion Server is theirs as well.</summary>
internal sealed class PcmAudio(KeptSpeech kept) : TurnAudio
{
    public override AudioEncoding Encoding => AudioEncoding.PcmS16Le;

    public override bool IsShared => true;

    // Speech is cut where it is kept, too.
    public override int Next(long from, int most) => kept.Read(from, most).Length / sizeof(short);

    public override ReadOnlySpan<byte> Take(long from, int count, bool isLast) => count == 0 ? default : kept.Read(from, count).Memory.Span;

    public override void Share(long from, int count, LogEntry entry)
    {
        if (count == 0)
        {
            entry.Release();
        }
        else
        {
            kept.Share(from, count, entry);
        }
    }
}
