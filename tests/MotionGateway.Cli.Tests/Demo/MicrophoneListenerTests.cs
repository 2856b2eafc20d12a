using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.Cli.Demo.Agent;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Demo;

public sealed class MicrophoneListenerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<Utterance> _heard = [];
    private readonly MicrophoneListener _listener;

    public MicrophoneListenerTests() => _listener = new MicrophoneListener(_heard.Add, _time);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Hear_MicrophoneSwitchedOffInMidSentence_EndsTheUtterance()
    {
        Speak("ann", Voices.Voice(2));
        Assert.Empty(_heard);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, Assert.Single(_heard).Duration.TotalSeconds, 0.05);
    }

    // Timers go by another clock than the one that tells how long it was.
    [Fact]
    public void Hear_TimerRunsOutAMomentEarly_TheUtteranceEndsAllTheSame()
    {
        var time = new LateClock();
        using var listener = new MicrophoneListener(_heard.Add, time);
        var voice = ByteString.CopyFrom(Voices.Voice(1));
        listener.Hear("ann", new MicrophoneAudio { SampleRate = Voices.SampleRate, Data = voice });
        time.Behind = TimeSpan.FromMicroseconds(500);

        time.Advance(MicrophoneListener.Absence);
        Assert.Empty(_heard);
        time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(1, Assert.Single(_heard).Duration.TotalSeconds, 0.05);
    }

    [Fact]
    public void Hear_MicrophoneThatWasSilent_IsToldOnceAsNothing()
    {
        Speak("ann", Voices.Silence(2));

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.True(Assert.Single(_heard).Samples.IsEmpty);
    }

    [Fact]
    public void Hear_SilenceAfterWhatWasSaid_IsNotToldAsNothing()
    {
        Speak("ann", [.. Voices.Voice(1), .. Voices.Silence(3)]);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.False(Assert.Single(_heard).Samples.IsEmpty);
    }

    [Fact]
    public void Hear_AnotherViewerMeanwhile_IsHeardWhenTheFirstIsOff()
    {
        Speak("ann", Voices.Voice(1));
        Speak("bob", Voices.Voice(0.4));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Assert.Single(_heard).Duration.TotalSeconds, 0.05);

        Speak("bob", Voices.Voice(3));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(3, _heard[^1].Duration.TotalSeconds, 0.05);
        Assert.Equal(2, _heard.Count);
    }

    private void Speak(string viewerId, byte[] samples)
    {
        foreach (byte[] piece in Voices.Pieces(samples))
        {
            _listener.Hear(viewerId, new MicrophoneAudio { SampleRate = Voices.SampleRate, Data = ByteString.CopyFrom(piece) });
            _time.Advance(TimeSpan.FromMilliseconds(40));
        }
    }

    private sealed class LateClock : FakeTimeProvider
    {
        public TimeSpan Behind { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() - (Behind.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond);
    }
}
