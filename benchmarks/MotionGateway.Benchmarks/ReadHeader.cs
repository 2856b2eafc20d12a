using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>What a relay must know of four seconds of motion that it passes on.</summary>
internal sealed class ReadHeader : IComparison
{
    private readonly byte[] _encoded = PayloadEncoder.EncodeMotion(new LogPosition(1, 7), "turn-1", 50, 100, last: false, new byte[50_000]);

    public string Name => "read-header";

    public string Description => "read sequence, turn and kind of 4 s of motion in place; peer: parsing the response";

    public int Operations => 2_000;

    public void RunSubject()
    {
        for (int i = 0; i < Operations; i++)
        {
            if (!PayloadHeader.TryRead(_encoded, out var header) || header.Sequence != 7)
            {
                throw new InvalidOperationException("The header was not read.");
            }
        }
    }

    public void RunPeer()
    {
        for (int i = 0; i < Operations; i++)
        {
            if (SubscribeResponse.Parser.ParseFrom(_encoded).Payload.Sequence != 7)
            {
                throw new InvalidOperationException("The payload was not read.");
            }
        }
    }
}
