using MotionGateway.Cli.Speaking;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Speaking;

public sealed class ViewerEventLinesTests
{
    private readonly ViewerEventLines _lines = new();

    [Fact]
    public void Describe_TextAndInterrupt_AreToldEachTime()
    {
        var text = new ViewerEvent { ViewerId = "anna", Text = "Hello", LostBefore = 2 };
        var interrupt = new ViewerEvent { ViewerId = "anna", Interrupt = new ViewerInterrupt { TurnId = "t1", Reason = "enough" } };

        Assert.Equal("viewer anna says: Hello (2 events before this one were lost)", _lines.Describe(text));
        Assert.NotNull(_lines.Describe(text));
        Assert.Equal("viewer anna interrupts turn t1: enough", _lines.Describe(interrupt));
        Assert.NotNull(_lines.Describe(interrupt));
    }

    [Fact]
    public void Describe_WhatGoesOn_IsToldOnceAViewer()
    {
        var voice = new ViewerEvent { ViewerId = "anna", MicrophoneAudio = new MicrophoneAudio { SampleRate = 16000 } };

        Assert.Equal("viewer anna talks into the microphone, 16000 Hz", _lines.Describe(voice));
        Assert.Null(_lines.Describe(voice));
        Assert.NotNull(_lines.Describe(new ViewerEvent(voice) { ViewerId = "ben" }));
    }

    [Fact]
    public void Describe_Playback_IsToldWhenItsStateChanges()
    {
        Assert.Equal("viewer anna playing turn t1 at sample 5", _lines.Describe(Playback(PlaybackState.Playing, 5)));
        Assert.Null(_lines.Describe(Playback(PlaybackState.Playing, 6)));
        Assert.NotNull(_lines.Describe(Playback(PlaybackState.Ended, 7)));
    }

    private static ViewerEvent Playback(PlaybackState state, long samples) => new()
    {
        ViewerId = "anna",
        Playback = new PlaybackReport { TurnId = "t1", State = state, PlayedSamples = samples },
    };
}
