using MotionGateway.LocalMotion.Egress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Egress;

public sealed class EgressLedgerTests
{
    private readonly EgressLedger _ledger = new("connection", "avatar", new EgressTarget("agora", "", "room", "", 1, "none", null, []), TimeProvider.System);

    [Fact]
    public void Motion_BeforeThePlaybackBegins_IsCounted()
    {
        _ledger.Expect("turn");
        _ledger.Motion("turn", 25);
        Assert.Empty(_ledger.Read().Requests);
        _ledger.Begin("turn");

        EgressRequest request = Assert.Single(_ledger.Read().Requests);
        Assert.Equal((1, 25), (request.MotionMessages, request.Keyframes));
    }

    [Fact]
    public void State_OfAnIdThatIsUsedAgain_IsTheOldOnesUntilTheNewBegins()
    {
        _ledger.Expect("turn");
        _ledger.Begin("turn");
        _ledger.Expect("turn");
        _ledger.Motion("turn", 25);
        _ledger.State("turn", PlaybackState.Interrupted, TimeSpan.Zero, "preempted");
        _ledger.Begin("turn");

        Assert.Equal(
            [(PlaybackState.Interrupted, 0L), (PlaybackState.Playing, 25L)],
            _ledger.Read().Requests.Select(request => (request.State, request.Keyframes)));
    }
}
