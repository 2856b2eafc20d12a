using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

public sealed class EventLanesTests : IDisposable
{
    private const int Bytes = 128 * 1024;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();
    private readonly EventLanes _lanes;

    public EventLanesTests() => _lanes = new EventLanes(
        new EdgeRelayOptions { ViewerEventBytes = Bytes }, new RelayMetrics(_services.GetRequiredService<IMeterFactory>()), _time);

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Interrupt_BehindSpeechThatFillsTheLane_ComesFirst()
    {
        for (int i = 0; i < 100; i++)
        {
            _lanes.TryAdd(Speech("ann", i, 4000));
        }

        Assert.True(_lanes.TryAdd(Interrupt("ann", "")));
        Assert.Equal(ViewerEvent.EventOneofCase.Interrupt, Take().EventCase);
    }

    [Fact]
    public void Interrupt_AgainOfTheSameViewerAndTurn_IsOne()
    {
        for (int i = 0; i < 10_000; i++)
        {
            _lanes.TryAdd(Interrupt("ann", ""));
            _lanes.TryAdd(Interrupt("ben", "t1"));
        }

        Assert.Equal(["ann", "ben"], TakeAll().Select(viewerEvent => viewerEvent.ViewerId));
    }

    [Fact]
    public void Interrupt_ThatIsTooLate_StopsNothingThatItsViewerHadNotHeard()
    {
        _lanes.TryAdd(Interrupt("ann", ""));
        _lanes.TryAdd(Interrupt("ann", "t1"));
        _time.Advance(TimeSpan.FromSeconds(60));
        _lanes.TryAdd(Text("ann", "later"));

        var all = TakeAll();

        Assert.Equal("t1", all[0].Interrupt.TurnId);
        Assert.Equal("later", all[1].Text);
        Assert.Equal([1, 0], all.Select(viewerEvent => viewerEvent.LostBefore));
    }

    [Fact]
    public void Speech_MoreThanThereIsRoomFor_LosesTheOldestOfItsViewer()
    {
        _lanes.TryAdd(Speech("ben", 0, 4000));
        for (int i = 0; i < 20; i++)
        {
            Assert.True(_lanes.TryAdd(Speech("ann", i, 4000)));
        }

        var all = TakeAll();

        Assert.Equal("ben", all[0].ViewerId);
        Assert.Equal(Enumerable.Range(20 - all.Count + 1, all.Count - 1), all.Skip(1).Select(ReadNumber));
        Assert.InRange(all.Count, 5, (Bytes / 4 / 4000) + 1);
        Assert.Equal(21 - all.Count, all.Sum(viewerEvent => viewerEvent.LostBefore));
    }

    [Fact]
    public void Speech_ThatHasWaitedTooLong_IsLost()
    {
        _lanes.TryAdd(Speech("ann", 0, 100));
        _time.Advance(TimeSpan.FromSeconds(3));
        _lanes.TryAdd(Speech("ann", 1, 100));

        var only = Assert.Single(TakeAll());

        Assert.Equal(1, ReadNumber(only));
        Assert.Equal(1, only.LostBefore);
    }

    [Fact]
    public void Text_MoreThanThereIsRoomFor_IsRefusedAndOthersAreNot()
    {
        string text = new('x', 16_000);
        int taken = 0;
        while (_lanes.TryAdd(Text("ann", text)))
        {
            taken++;
        }

        Assert.Equal(2, taken);
        Assert.True(_lanes.TryAdd(Text("ben", text)));
        Assert.Equal(1, TakeAll().Sum(viewerEvent => viewerEvent.LostBefore));
    }

    [Fact]
    public void Reports_OfOneViewerAndTurn_TheLatestCounts()
    {
        for (int i = 0; i < 100; i++)
        {
            _lanes.TryAdd(Report("ann", i));
            _lanes.TryAdd(Report("ben", i));
        }

        var all = TakeAll();

        Assert.Equal([99, 99], all.Select(viewerEvent => viewerEvent.Playback.PlayedSamples));
        Assert.Equal(0, all.Sum(viewerEvent => viewerEvent.LostBefore));
    }

    [Fact]
    public void Interrupts_ManyOfOneViewer_CostNoOtherViewerItsOwn()
    {
        _lanes.TryAdd(Interrupt("ben", ""));
        for (int i = 0; i < 10_000; i++)
        {
            _lanes.TryAdd(Interrupt("ann", $"t{i}"));
        }

        var all = TakeAll();

        Assert.Equal("ben", all[0].ViewerId);
        Assert.Equal("t9999", all[^1].Interrupt.TurnId);
        Assert.Equal(10_001 - all.Count, all.Sum(viewerEvent => viewerEvent.LostBefore));
    }

    [Fact]
    public void Reports_ManyOfOneViewer_CostNoOtherViewerItsOwn()
    {
        _lanes.TryAdd(Report("ben", 7));
        for (int i = 0; i < 10_000; i++)
        {
            _lanes.TryAdd(Report("ann", i, $"t{i}"));
        }

        var all = TakeAll();

        Assert.Equal(7, Assert.Single(all, viewerEvent => viewerEvent.ViewerId == "ben").Playback.PlayedSamples);
        Assert.Equal("t9999", all[^1].Playback.TurnId);
    }

    [Fact]
    public void PutBack_WhatCouldNotBeSent_IsSentAgainWithWhatWasLostBefore()
    {
        _lanes.CountRefused();
        foreach (var viewerEvent in new[] { Interrupt("ann", "t1"), Text("ann", "a"), Report("ann", 1) })
        {
            _lanes.TryAdd(viewerEvent);
            _lanes.TryAdd(Text("ben", "behind"));
            Assert.True(_lanes.TryTake(out var unsent));
            _lanes.PutBack(unsent);

            var again = Take();
            while (again.EventCase != viewerEvent.EventCase || again.ViewerId != "ann")
            {
                again = Take();
            }

            TakeAll();
        }

        _lanes.CountRefused();
        _lanes.TryAdd(Text("ann", "b"));
        Assert.True(_lanes.TryTake(out var last));
        _lanes.PutBack(last);
        Assert.Equal(1, Take().LostBefore);
    }

    private static ViewerEvent Interrupt(string viewer, string turn) =>
        new() { ViewerId = viewer, Interrupt = new ViewerInterrupt { TurnId = turn } };

    private static ViewerEvent Text(string viewer, string text) => new() { ViewerId = viewer, Text = text };

    private static ViewerEvent Report(string viewer, long samples, string turn = "t1") =>
        new() { ViewerId = viewer, Playback = new PlaybackReport { TurnId = turn, PlayedSamples = samples } };

    private static ViewerEvent Speech(string viewer, int number, int bytes)
    {
        byte[] data = new byte[bytes];
        BitConverter.TryWriteBytes(data, number);
        return new() { ViewerId = viewer, MicrophoneAudio = new MicrophoneAudio { SampleRate = 16000, Data = ByteString.CopyFrom(data) } };
    }

    private static int ReadNumber(ViewerEvent viewerEvent) => BitConverter.ToInt32(viewerEvent.MicrophoneAudio.Data.Span);

    private ViewerEvent Take()
    {
        Assert.True(_lanes.TryTake(out var waiting));
        return waiting.Event;
    }

    private List<ViewerEvent> TakeAll()
    {
        List<ViewerEvent> all = [];
        while (_lanes.TryTake(out var waiting))
        {
            all.Add(waiting.Event);
        }

        return all;
    }
}
