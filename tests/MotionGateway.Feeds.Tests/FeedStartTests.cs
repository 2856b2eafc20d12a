using MotionGateway.V1;

namespace MotionGateway.Feeds.Tests;

public sealed class FeedStartTests
{
    // 16 kHz: a keyframe is 640 samples; a piece of audio here is ten keyframes, 12800 bytes.
    private const int Piece = 6400;

    [Fact]
    public void CurrentTurn_ReplaysTheOldestOpenTurn_ElseBeginsAtTheEnd()
    {
        var f = new LogFixture();
        f.Message();
        Assert.Equal(1, f.Open(FeedStart.CurrentTurn).Position.Sequence);
        f.Start("a");
        f.Audio("a");
        f.Start("b");

        Assert.Equal(["2", "3", "4"], LogFixture.ReadAll(f.Open(FeedStart.Unspecified)));
        f.End("a");
        f.Message();
        Assert.Equal(["4", "5-5 BeforeStart", "6"], LogFixture.ReadAll(f.Open(FeedStart.CurrentTurn)));
    }

    [Theory]
    [InlineData(FeedStart.CurrentTurn)]
    [InlineData(FeedStart.Live)]
    [InlineData(FeedStart.Now)]
    public void ByRule_SessionHasEnded_TellsItsEnd(FeedStart start)
    {
        var f = new LogFixture();
        f.Start("a");
        f.End("a");
        f.EndSession();

        var reader = f.Open(start);
        Assert.Equal(["3"], LogFixture.ReadAll(reader));
        Assert.True(reader.IsAtEnd);
    }

    [Fact]
    public void CurrentTurn_ItsBeginningHasLeft_IsIntroducedAndTheRestDeclared()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 1000 });
        f.Message();
        f.Start("a");
        for (int i = 0; i < 20; i++)
        {
            f.Audio("a", 100);
        }

        long first = f.Log.Available!.Value.From;
        var reader = f.Open(FeedStart.CurrentTurn);

        Assert.Equal(1, reader.Position.Sequence);
        Assert.False(f.Log.HasWholeCurrentTurn);
        Assert.Equal(["2", $"3-{first - 1} Expired", $"{first}"], LogFixture.ReadAll(reader)[..3]);
        Assert.True(first > 10);
    }

    [Fact]
    public void CurrentTurn_AllOfItHasLeft_IsIntroducedAndGoesOn()
    {
        var f = new LogFixture(new SessionLogOptions { Retention = TimeSpan.FromSeconds(1) });
        f.Start("a");
        f.Audio("a");
        f.Time.Advance(TimeSpan.FromSeconds(2));
        f.Log.Trim();
        Assert.Null(f.Log.Available);
        var reader = f.Open(FeedStart.CurrentTurn);

        Assert.Equal(["1", "2-2 Expired"], LogFixture.ReadAll(reader));
        f.Audio("a");
        Assert.Equal(["3"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void CurrentTurn_EndsBeforeItsIntroductionIsRead_IsIntroducedAllTheSame()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 300 + (3 * LogEntry.OverheadBytes) });
        f.Start("a");
        for (int i = 0; i < 5; i++)
        {
            f.Audio("a", 200);
        }

        var reader = f.Open(FeedStart.CurrentTurn);
        f.Interrupt("a", 6, 6);
        f.Message();

        Assert.Equal(["1", "2-5 Expired", "7", "8"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void CurrentTurn_SeveralTurnsWhoseBeginningsHaveLeft_EachIsIntroduced()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 900 + (3 * LogEntry.OverheadBytes) });
        f.Start("a");
        f.Audio("a");
        f.Start("gone");
        f.Start("b");
        f.Audio("gone", 100);
        f.Audio("a", 300);
        f.Audio("b", 300);
        f.Audio("a", 300);
        f.End("gone");
        Assert.Equal(new SequenceSpan(7, 9), f.Log.Available);
        f.Message();

        Assert.Equal(
            ["1", "2-3 Expired", "4", "5-6 Expired", "7", "8", "9-9 BeforeStart", "10"],
            LogFixture.ReadAll(f.Open(FeedStart.CurrentTurn)));
    }

    [Fact]
    public void CurrentTurn_TheLogNeverHadItsBeginning_BeginsWithTheNextTurn()
    {
        var f = new LogFixture(start: 10);
        f.Audio("a");
        var reader = f.Open(FeedStart.CurrentTurn);
        f.Audio("a");
        f.End("a");
        f.Start("b");

        Assert.Equal(["12-13 BeforeStart", "14"], LogFixture.ReadAll(reader));
    }

    [Theory]
    [InlineData(0, 2)] // Keyframe 0 is in the first motion, whose first sample is in the first audio.
    [InlineData(12_799, 2)] // Keyframe 19 is its last.
    [InlineData(12_800, 4)] // Keyframe 20 begins the second motion, at sample 12800, which begins the third audio.
    [InlineData(25_599, 4)]
    [InlineData(25_600, 8)] // No motion from keyframe 40 on: the audio that is heard.
    [InlineData(31_999, 8)]
    [InlineData(32_000, 8)] // All is heard, what comes is not there: the last audio.
    public void Now_BeginsWithTheMotionThatIsHeard(long heard, long begin)
    {
        var f = new LogFixture();
        f.Message();
        Speak(f, "a"); // 2 started, 3 4 5 6 audio, 7 8 motion, 9 audio
        begin += 1;

        var reader = f.OpenNow(heard);

        Assert.Equal(1, reader.Position.Sequence);
        var read = LogFixture.ReadAll(reader);
        Assert.Equal("2", read[0]);
        Assert.Equal(begin == 3 ? "3" : $"3-{begin - 1} BeforeStart", read[1]);
        Assert.Equal("9", read[^1]);
        Assert.Equal(9, reader.Position.Sequence);
    }

    [Fact]
    public void Now_MotionBeginsWithinAPieceOfAudio_BeginsWithThatPiece()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a", 2 * Piece, 0);
        f.Audio("a", 2 * Piece, Piece);
        f.Audio("a", 2 * Piece, 2 * Piece);
        f.Motion("a", 64, 0, 15);
        f.Motion("a", 64, 15, 10);

        // Keyframe 16 is heard; its motion begins with keyframe 15, at sample 9600, within the second piece.
        Assert.Equal(["1", "2-2 BeforeStart", "3", "4", "5", "6"], LogFixture.ReadAll(f.OpenNow(16 * 640)));
    }

    [Fact]
    public void Now_BeginningHasLeftTheLog_IsIntroducedAndAllBeforeIsDeclaredOnce()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = (5 * 2 * Piece) + 1000 + (7 * LogEntry.OverheadBytes) });
        Speak(f, "a");
        f.Audio("a", 2 * Piece, 5 * Piece);
        Assert.Equal(3, f.Log.Available!.Value.From);

        Assert.Equal(["1", "2-3 BeforeStart", "4", "5", "6", "7", "8", "9"], LogFixture.ReadAll(f.OpenNow(13_000)));
        Assert.Equal(["1", "2-2 Expired", "3", "4", "5", "6", "7", "8", "9"], LogFixture.ReadAll(f.OpenNow(0)));
    }

    [Fact]
    public void Now_NextTurnHasBegunAlready_MissesNothingOfIt()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a", 2 * Piece, 0);
        f.Start("b");
        f.Audio("b", 2 * Piece, 0);
        f.Audio("a", 0, Piece);

        Assert.Equal(["1", "2", "3", "4", "5"], LogFixture.ReadAll(f.OpenNow(Piece)));
    }

    [Fact]
    public void Now_NoTurnPlays_BeginsWithTheNextTurn()
    {
        var f = new LogFixture();
        Speak(f, "a");
        f.End("a");
        var reader = f.OpenNow(100);
        f.Start("b");

        Assert.Equal(["10"], LogFixture.ReadAll(reader));
        Assert.Throws<ArgumentOutOfRangeException>(() => f.OpenNow(-1));
    }

    [Fact]
    public void Live_TurnThatGoesOn_IsDeclaredAndTheNextIsRead()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Audio("a");
        var reader = f.Open(FeedStart.Live);
        f.Audio("a");
        Assert.Empty(LogFixture.ReadAll(reader));
        f.Audio("a");
        Assert.Empty(LogFixture.ReadAll(reader));
        f.Message();
        f.Motion("a");
        f.End("a");
        f.Start("b");
        f.Audio("b");

        Assert.Equal(["3-4 BeforeStart", "5", "6-7 BeforeStart", "8", "9"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void Live_TurnThatGoesOnLeavesTheLog_IsDeclaredAsBeforeTheStart()
    {
        var f = new LogFixture(new SessionLogOptions { MaxBytes = 500 });
        f.Start("a");
        var reader = f.Open(FeedStart.Live);
        List<string> read = [];
        for (int i = 0; i < 20; i++)
        {
            f.Audio("a", 200);
            read.AddRange(LogFixture.ReadAll(reader));
        }

        Assert.True(f.Log.Available!.Value.From > 10);
        f.Start("b");
        read.AddRange(LogFixture.ReadAll(reader));

        Assert.All(read[..^1], entry => Assert.EndsWith("BeforeStart", entry, StringComparison.Ordinal));
        Assert.Equal("22", read[^1]);
    }

    [Fact]
    public void Live_RunThatWaitedIsInterrupted_IsDeclaredWhole()
    {
        var f = new LogFixture();
        f.Start("a");
        var reader = f.Open(FeedStart.Live);
        f.Audio("a");
        f.Audio("a");
        Assert.Empty(LogFixture.ReadAll(reader));
        f.Interrupt("a", from: 2, through: 3);
        f.Start("b");

        Assert.Equal(["2-3 Interrupted", "4-4 BeforeStart", "5"], LogFixture.ReadAll(reader));
    }

    [Fact]
    public void Relay_PartOfTheTurnWasNeverHere_CurrentTurnIsWhatTheSourceHad()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Log.DeclareSkipped(9, SkipReason.Expired);
        Assert.False(f.Log.HasWholeCurrentTurn);
        f.Audio("a");

        Assert.True(f.Log.HasWholeCurrentTurn);
        Assert.Equal(["1", "2-9 Expired", "10"], LogFixture.ReadAll(f.Open(FeedStart.CurrentTurn)));
    }

    [Fact]
    public void Relay_TurnMayHaveEndedAmongWhatItNeverHad_TheNextIsCurrent()
    {
        var f = new LogFixture(new SessionLogOptions { Retention = TimeSpan.FromSeconds(10) });
        f.Start("a");
        f.Log.DeclareSkipped(9, SkipReason.Expired);
        f.Start("b");

        Assert.True(f.Log.HasWholeCurrentTurn);
        Assert.Equal(9, f.Open(FeedStart.CurrentTurn).Position.Sequence);
    }

    [Fact]
    public void Relay_SequencesBeforeItsOwnStartAreDeclared_TurnsGoOn()
    {
        var f = new LogFixture();
        f.Start("a");
        f.Log.DeclareSkipped(5, SkipReason.BeforeStart);

        Assert.True(f.Log.HasWholeCurrentTurn);
    }

    // turn_started; three pieces of audio, a fourth, two motions of 20 keyframes each, a fifth piece.
    private static void Speak(LogFixture f, string turn)
    {
        f.Start(turn);
        for (int i = 0; i < 4; i++)
        {
            f.Audio(turn, 2 * Piece, i * Piece);
        }

        f.Motion(turn, 64, 0, 20);
        f.Motion(turn, 64, 20, 20);
        f.Audio(turn, 2 * Piece, 4 * Piece);
    }
}
