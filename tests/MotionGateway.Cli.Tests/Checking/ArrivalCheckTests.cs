using Google.Protobuf;
using MotionGateway.Cli.Checking;
using MotionGateway.Cli.Checking.Checks;
using MotionGateway.Cli.Viewing;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Checking;

public sealed class ArrivalCheckTests
{
    [Fact]
    public void Compare_SamePayloads_CountsThem()
    {
        var finding = ArrivalCheck.Compare(Turn(audio: 4), Turn(audio: 4), new ContiguityTracker());

        Assert.Equal((CheckOutcome.Ok, "4 audio and 1 motion payloads, as at the gateway"), (finding.Outcome, finding.Detail));
    }

    [Fact]
    public void Compare_ViewerWithoutTheLastAudio_TellsBothCounts()
    {
        var failure = Assert.Throws<CheckFailedException>(() => ArrivalCheck.Compare(Turn(audio: 4), Turn(audio: 3), new ContiguityTracker()));

        Assert.Equal("The gateway released 4 audio and 1 motion payloads, and the viewer got 3 and 1.", failure.Message);
    }

    private static ViewedTurn Turn(int audio)
    {
        var turn = new ViewedTurn("t");
        for (int i = 0; i < audio; i++)
        {
            turn.Add(new Payload { Audio = new V1.Audio { FirstSample = i, SampleCount = 1, Data = ByteString.CopyFrom(0, 0) } });
        }

        turn.Add(new Payload { Motion = new Motion { KeyframeCount = 25 } });
        return turn;
    }
}
