using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>What a fake session says, and what of it a client has heard.</summary>
internal static class Said
{
    public static void Speak(FakeSession session, string turnId, int sampleRate, int seconds)
    {
        session.Start(turnId, sampleRate);
        for (int piece = 0; piece < seconds * 4; piece++)
        {
            session.Audio(turnId, sampleRate / 2);
            if (piece % 4 == 0)
            {
                session.Motion(turnId, piece / 4 * 25, 25, last: piece / 4 == seconds - 1);
            }
        }

        session.Seal(turnId);
    }

    // By the log that the session wrote.
    public static void AssertWhole(FakeSession session, IEnumerable<PlayedTurn> turns)
    {
        Dictionary<string, (List<byte> Audio, List<byte[]> Motion)> said = [];
        foreach (var payload in Read(session))
        {
            var turn = said.TryGetValue(payload.TurnId, out var known) ? known : said[payload.TurnId] = ([], []);
            turn.Audio.AddRange(payload.Audio?.Data.ToByteArray() ?? []);
            if (payload.Motion is { } motion)
            {
                turn.Motion.Add(motion.Envelope.ToByteArray());
            }
        }

        Assert.All(turns, turn =>
        {
            Assert.Equal(said[turn.Id].Audio, turn.Audio);
            Assert.Equal(said[turn.Id].Motion, turn.Motion);
        });
    }

    /// <summary>All payloads of a session's log.</summary>
    public static IEnumerable<Payload> Read(FakeSession session)
    {
        using var reader = session.Log.OpenReader(new LogPosition(1, 0), int.MaxValue, new AsyncSignal());
        while (reader.TryRead(out var entry))
        {
            yield return SubscribeResponse.Parser.ParseFrom(entry.Encoded.Span).Payload;
        }
    }

    public static byte[] Tone(int sampleRate, double hertz, int first, int count)
    {
        byte[] pcm = new byte[count * sizeof(short)];
        for (int index = 0; index < count; index++)
        {
            short sample = (short)(10000 * Math.Sin(2 * Math.PI * hertz * (first + index) / sampleRate));
            BitConverter.TryWriteBytes(pcm.AsSpan(index * sizeof(short)), sample);
        }

        return pcm;
    }

    public static int CountUpwardZeroCrossings(byte[] pcm)
    {
        int count = 0;
        for (int index = sizeof(short); index < pcm.Length; index += sizeof(short))
        {
            count += BitConverter.ToInt16(pcm, index - sizeof(short)) < 0 && BitConverter.ToInt16(pcm, index) >= 0 ? 1 : 0;
        }

        return count;
    }
}
