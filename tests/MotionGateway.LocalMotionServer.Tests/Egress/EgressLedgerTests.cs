using MotionGateway.LocalMotion.Egress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests.Egress;

public sealed class EgressLedgerTests
{
    private readonly EgressMediaStore _store = new(bytesPerRequest: 1000, bytesInAll: 1_000_000);
    private readonly EgressLedger _ledger;

    public EgressLedgerTests() => _ledger = Ledger("connection");

    [Fact]
    public void Motion_BeforeThePlaybackBegins_IsCounted()
    {
        _ledger.Expect("turn");
        _ledger.Motion("turn", 25, new byte[10]);
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
        _ledger.Motion("turn", 25, new byte[10]);
        _ledger.State("turn", PlaybackState.Interrupted, TimeSpan.Zero, "preempted");
        _ledger.Begin("turn");

        Assert.Equal(
            [(PlaybackState.Interrupted, 0L), (PlaybackState.Playing, 25L)],
            _ledger.Read().Requests.Select(request => (request.State, request.Keyframes)));
    }

    [Fact]
    public void Media_OfARequestThatIsForgotten_AreKeptNoLonger()
    {
        for (int i = 0; i < 300; i++)
        {
            _ledger.Expect($"turn-{i}");
            _ledger.Begin($"turn-{i}");
            _ledger.Keep($"turn-{i}", new byte[10]);
        }

        Assert.Equal((256, 2560), (_ledger.Read().Requests.Count, _store.Bytes));
        Assert.Null(_ledger.ReadMedia("turn-43"));
        Assert.Equal(10, _ledger.ReadMedia("turn-44")?.Audio.Length);
    }

    [Fact]
    public void Media_OfAConnectionThatIsForgotten_AreKeptNoLonger()
    {
        var record = new EgressRecord(new LocalMotionServerOptions());
        EgressLedger first = Ledger("first");
        record.Add(first);
        first.Expect("turn");
        first.Keep("turn", new byte[10]);
        for (int i = 0; i < 64; i++)
        {
            record.Add(Ledger($"other-{i}"));
        }

        first.Keep("turn", new byte[10]);
        first.Expect("next");
        first.Keep("next", new byte[10]);
        Assert.Equal((64, 0), (record.Connections.Count, _store.Bytes));
    }

    private EgressLedger Ledger(string connectionId) => new(
        connectionId, "avatar", new EgressTarget("agora", "", "room", "", 1, "none", null, []), _store, isOggOpus: false, 8000, TimeProvider.System);
}
