namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>The order that clients of the two host modes count on.</summary>
public sealed class HostTurnsTests
{
    [Fact]
    public void HostJson_EndStandsBehindTheLastMotion()
    {
        using var test = new TurnsUnderTest(new HostJsonKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", new byte[32000], last: true);
        Assert.Equal(["audio 32000"], test.Told());
        test.Session.Motion("t1", 0, 20);
        test.Session.Motion("t1", 20, 5, last: true);

        Assert.Equal(["motion 1", "motion 1", "audio 0 last"], test.Told());
    }

    [Fact]
    public void HostJson_Interrupted_HasNoEndAndIsNotTold()
    {
        using var test = new TurnsUnderTest(new HostJsonKind());
        test.Session.Start("t1");
        test.Session.Audio("t1", 32000);
        test.Told();
        test.Turns.Silence(isAll: true);
        test.Session.Audio("t1", 32000);
        test.Session.Interrupt("t1");
        test.Speak("t2", seconds: 1);

        Assert.Equal(["audio 32000", "motion 1", "audio 0 last"], test.Told());
    }

    [Fact]
    public void HostBinary_OneTurn_EndsOnTheLastOfEachAndIsComplete()
    {
        using var test = new TurnsUnderTest(new HostBinaryKind(isRaw: false));
        test.Session.Start("t1");
        test.Session.Audio("t1", 3200);
        test.Session.Motion("t1", 0, 5, bytes: 100);
        test.Session.Motion("t1", 5, 5, last: true, bytes: 100);
        test.Session.Audio("t1", new byte[1600], last: true);
        test.Speak("t2", seconds: 1);

        var sent = test.Read();

        Assert.Equal([(1, 0, 3202), (2, 0, 110), (1, 1, 1602), (2, 1, 110)], sent.Select(message => (message[0], message[1], message.Length)));
        Assert.Equal([0, 0, 0, 1, 0, 0, 0, 100], sent[1][2..10]);
        Assert.True(test.Turns.IsComplete);
    }

    [Fact]
    public void HostBinary_RawVariant_HasTheEnvelopeAlone()
    {
        using var test = new TurnsUnderTest(new HostBinaryKind(isRaw: true));
        test.Session.Start("t1");
        test.Session.Audio("t1", new byte[3200], last: true);
        test.Session.Motion("t1", 0, 5, last: true, bytes: 100);

        Assert.Equal([(1, 1, 3202), (2, 1, 102)], test.Read().Select(message => (message[0], message[1], message.Length)));
    }
}
