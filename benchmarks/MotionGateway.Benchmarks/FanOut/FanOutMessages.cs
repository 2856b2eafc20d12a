using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>The messages of a fan-out: a turn's beginning, then 64 ms of speech at 16 kHz each.</summary>
internal static class FanOutMessages
{
    private const string Turn = "turn-1";
    private const int Samples = 1024;
    private static readonly byte[] Pcm = new byte[Samples * 2];

    /// <summary>Bytes of a piece of speech.</summary>
    public static int AudioBytes { get; } = CreateAudio(2).Length;

    /// <summary>The message of a sequence, from 1.</summary>
    public static byte[] Create(long sequence) => sequence == 1 ? CreateStart() : CreateAudio(sequence);

    private static byte[] CreateStart() => PayloadEncoder.Encode(new Payload
    {
        Epoch = 1,
        Sequence = 1,
        TurnId = Turn,
        TurnStarted = new TurnStarted { Ordinal = 1, SampleRate = 16000, Paced = true },
    });

    private static byte[] CreateAudio(long sequence) =>
        PayloadEncoder.EncodeAudio(new LogPosition(1, sequence), Turn, (sequence - 2) * Samples, Samples, last: false, Pcm);
}
