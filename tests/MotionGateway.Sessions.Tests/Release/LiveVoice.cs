using MotionGateway.Sessions.Tests.Checker;

namespace MotionGateway.Sessions.Tests.Release;

/// <summary>A voice in real time, 20 ms at once, and a Motion Server that makes segments of it; what a listener hears and sees of each turn.</summary>
internal sealed class LiveVoice(CoreFixture f, int firstSegment, int furtherSegments, int latencyMs)
{
    private const int StepMs = 20;

    /// <summary>Speaks a turn.</summary>
    /// <returns>When its first audio came, how often it stopped, and by how much motion was late at the worst; in milliseconds.</returns>
    public (double FirstAudio, int Stalls, double Stalled, double MotionLate) Speak(string turn, int milliseconds)
    {
        var listener = new Listener(8000);
        List<(double At, int Keyframes, bool End)> due = [];
        double start = f.NowMs;
        double firstAudio = -1;
        double late = 0;
        int made = 0;
        for (int said = 0; !f.Ended.Exists(ended => ended.Id == turn); said += StepMs)
        {
            Assert.True(said < milliseconds + 30_000, "The turn does not end.");
            if (said < milliseconds)
            {
                f.Say(turn, StepMs, end: said + StepMs == milliseconds);
                f.Send();
                int segment = made == 0 ? firstSegment : furtherSegments;
                bool isEnd = said + StepMs == milliseconds;
                int there = (said + StepMs) / 40;
                if (isEnd || there - made >= segment)
                {
                    due.Add((f.NowMs + latencyMs, isEnd ? there - made : segment, isEnd));
                    made += isEnd ? there - made : segment;
                }
            }

            foreach (var (_, keyframes, end) in due.Where(message => message.At <= f.NowMs).ToList())
            {
                f.Move(turn, keyframes, end);
                due.RemoveAt(0);
            }

            var now = TimeSpan.FromMilliseconds(f.NowMs);
            foreach (var payload in f.Payloads())
            {
                if (payload.Audio is { SampleCount: > 0 } audio)
                {
                    firstAudio = firstAudio < 0 ? f.NowMs - start : firstAudio;
                    if (audio.FirstSample == 0)
                    {
                        listener.Begin(now);
                    }

                    listener.Release(now, audio.SampleCount, TimeSpan.FromMilliseconds(start + (audio.FirstSample / 8.0)));
                }
                else if (payload.Motion is { } motion)
                {
                    late = Math.Max(late, (listener.Heard(now) - (motion.FirstKeyframe * 320)) / 8);
                }
            }

            f.Pass(StepMs);
        }

        return (firstAudio, listener.Stalls, listener.Stalled.TotalMilliseconds, late);
    }
}
