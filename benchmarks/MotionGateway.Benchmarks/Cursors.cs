using System.Threading.Channels;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>Payloads to a hundred readers of one session.</summary>
internal sealed class Cursors : IComparison
{
    private const int Readers = 100;
    private const int Payloads = 200;
    private const string Turn = "turn-1";
    private static readonly byte[] Samples = new byte[640];

    public string Name => "cursors";

    public string Description => "20 ms of speech through the log to 100 cursors; peer: a bounded channel for each reader";

    public int Operations => Payloads * Readers;

    public void RunSubject()
    {
        var log = new SessionLog(new LogPosition(1, 0), new SessionLogOptions(), TimeProvider.System);
        log.Append(PayloadEncoder.Encode(new Payload { Epoch = 1, Sequence = 1, TurnId = Turn, TurnStarted = new TurnStarted() }));
        var readers = Enumerable.Range(0, Readers)
            .Select(_ => log.OpenReader(FeedStart.CurrentTurn, int.MaxValue, new AsyncSignal())).ToList();
        readers.ForEach(reader => reader.TryRead(out _));
        long read = 0;
        for (int i = 1; i <= Payloads; i++)
        {
            log.Append(Encode(i));
            foreach (var reader in readers)
            {
                read += reader.TryRead(out _) ? 1 : 0;
            }
        }

        ThrowUnlessAll(read);
    }

    public void RunPeer()
    {
        var channels = Enumerable.Range(0, Readers).Select(_ => Channel.CreateBounded<byte[]>(256)).ToList();
        long read = 0;
        for (int i = 1; i <= Payloads; i++)
        {
            byte[] encoded = Encode(i);
            foreach (var channel in channels)
            {
                channel.Writer.TryWrite(encoded);
                read += channel.Reader.TryRead(out _) ? 1 : 0;
            }
        }

        ThrowUnlessAll(read);
    }

    private static byte[] Encode(int sequence) =>
        PayloadEncoder.EncodeAudio(new LogPosition(1, sequence + 1), Turn, sequence * 320L, 320, last: false, Samples);

    private static void ThrowUnlessAll(long read)
    {
        if (read != Payloads * Readers)
        {
            throw new InvalidOperationException($"{read} payloads were read.");
        }
    }
}
