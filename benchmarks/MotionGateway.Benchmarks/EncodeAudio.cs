using Google.Protobuf;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>A 20 ms piece of speech as the bytes that every reader is sent.</summary>
internal sealed class EncodeAudio : IComparison
{
    private readonly byte[] _samples = new byte[640];

    public string Name => "encode-audio";

    public string Description => "encode 20 ms of 16 kHz speech as a response; peer: the generated messages";

    public int Operations => 20_000;

    public void RunSubject()
    {
        for (int i = 1; i <= Operations; i++)
        {
            PayloadEncoder.EncodeAudio(new LogPosition(1, i), "turn-1", i * 320L, 320, last: false, _samples);
        }
    }

    public void RunPeer()
    {
        for (int i = 1; i <= Operations; i++)
        {
            var audio = new Audio { FirstSample = i * 320L, SampleCount = 320, Data = ByteString.CopyFrom(_samples) };
            new SubscribeResponse
            {
                Payload = new Payload { Epoch = 1, Sequence = i, TurnId = "turn-1", Audio = audio },
            }.ToByteArray();
        }
    }
}
