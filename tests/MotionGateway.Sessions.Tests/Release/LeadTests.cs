using MotionGateway.Sessions.Tests.Checker;
using MotionGateway.Sessions.Tests.Simulation;
using MotionGateway.V1;

namespace MotionGateway.Sessions.Tests.Release;

public sealed class LeadTests
{
    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(250)]
    [InlineData(500)]
    [InlineData(2000)]
    [InlineData(10_000)]
    public void MaxLead_SpeechAtOnce_PayloadsAreNeverFurtherAheadAndAudioNeverStops(int lead)
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { MaxLead = TimeSpan.FromMilliseconds(lead) });
        var listener = new Listener(8000);
        listener.Begin(TimeSpan.Zero);
        f.Say("a", 20_000, end: true);
        for (int ms = 0; ms <= 20_000; ms += 5)
        {
            var now = TimeSpan.FromMilliseconds(ms);
            foreach (var audio in f.Payloads().Where(payload => payload.Audio is not null).Select(payload => payload.Audio))
            {
                listener.Release(now, audio.SampleCount, TimeSpan.Zero);
                Assert.InRange(listener.Released - listener.Heard(now), 0, (lead * 8) + 0.5);
            }

            f.Pass(5);
        }

        // The steps of this test are coarser than the session's.
        Assert.Equal(160_000, listener.Released);
        Assert.InRange(listener.Stalled.TotalMilliseconds, 0, lead == 20 ? 5000 : 0);
    }

    // Time goes on while it is looked at, and nothing else happens that would have the session look again.
    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    public void MaxLead_OfAnOpusPacketOrLess_AudioGoesOnByTimeAlone(int lead)
    {
        var settings = CoreFixture.AtOnce with
        {
            SampleRate = 48_000,
            AudioEncoding = AudioEncoding.OggOpus,
            MaxLead = TimeSpan.FromMilliseconds(lead),
        };
        var f = new CoreFixture(settings, time: new CreepingTime(TimeSpan.FromMicroseconds(25)));
        f.SayBytes("a", 96_000, end: true);
        for (int looks = 0; f.Turn("a").Released < 48_000; looks++)
        {
            Assert.True(looks < 5000, "It looks again and again.");
            var due = f.Core.NextDue();
            Assert.NotNull(due);
            f.Time.Advance(due.Value > TimeSpan.Zero ? due.Value : TimeSpan.Zero);
            f.Core.Advance();
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(500)]
    [InlineData(10_000)]
    public void MaxLead_MotionComes_DoesNotWaitBehindAudioThatIsFurtherAhead(int lead)
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { MaxLead = TimeSpan.FromMilliseconds(lead) });
        f.Say("a", 20_000, end: true);
        f.Shown();
        f.Pass(100);
        f.Move("a", 50);
        Assert.Equal("a motion 0+50", f.Shown().Split("; ").Single(payload => payload.Contains("motion", StringComparison.Ordinal)));

        f.Move("a", 100);
        string shown = "";
        for (int ms = 100; !shown.Contains("motion 50", StringComparison.Ordinal); ms++)
        {
            Assert.True(ms < 2000);
            f.Pass(1);
            shown = f.Shown();
        }

        // It stands right behind the audio at its first keyframe.
        string[] payloads = shown.Split("; ");
        int at = Array.FindIndex(payloads, payload => payload.Contains("motion", StringComparison.Ordinal));
        string[] place = at == 0 ? ["2000", "0"] : payloads[at - 1].Split(' ')[2].Split('+');
        Assert.InRange(2000, double.Parse(place[0], null), double.Parse(place[0], null) + double.Parse(place[1], null));
    }

    [Fact]
    public void Motion_StandsAfterTheAudioAtItsFirstKeyframe()
    {
        var f = new CoreFixture();
        f.Say("a", 80, end: true);
        f.Send();
        f.Say("b", 80);
        f.Move("b", 1);

        Assert.DoesNotContain("motion", f.Shown(), StringComparison.Ordinal);
        f.Move("a", 2, end: true);
        f.Pass(80);
        Assert.EndsWith("b start; b audio 0+80; b motion 0+1", f.Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void MaxLead_CountsTheUnheardMediaOfAllReleasedTurnsTogether()
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { TurnRelease = TurnRelease.AtOnce, MaxLead = TimeSpan.FromMilliseconds(1000) });
        f.SayWhole("a", 600);
        f.SayWhole("b", 600);
        Assert.Equal(400 / 250 * 250, f.Turn("b").Released / 8);
        f.Pass(99);
        Assert.Equal(250, f.Turn("b").Released / 8);
        f.Pass(1);
        Assert.Equal(500, f.Turn("b").Released / 8);
    }

    [Theory]
    [InlineData(8000, 2000)]
    [InlineData(16_000, 4000)]
    [InlineData(22_050, 5512)]
    [InlineData(24_000, 6000)]
    [InlineData(32_000, 8000)]
    [InlineData(44_100, 8192)]
    [InlineData(48_000, 8192)]
    public void Audio_IsCutIntoPayloadsOf250MsAnd16KiBAtTheMost(int rate, int most)
    {
        var f = new CoreFixture(CoreFixture.AtOnce with { SampleRate = rate });
        byte[] speech = CoreFixture.Speech("a", rate * 6);
        f.Core.WriteAudio("a", speech, endTurn: true);
        var audio = f.Payloads().Where(payload => payload.Audio is not null).Select(payload => payload.Audio).ToList();

        Assert.Equal(speech, audio.SelectMany(piece => piece.Data.ToByteArray()));
        Assert.All(audio, piece => Assert.InRange(piece.SampleCount, 1, most));
        Assert.Contains(audio, piece => piece.SampleCount == most);
        Assert.Equal(most, f.Settings.MaxPayloadSamples);
        Assert.Equal(audio.Count - 1, audio.FindIndex(piece => piece.Last));
    }
}
