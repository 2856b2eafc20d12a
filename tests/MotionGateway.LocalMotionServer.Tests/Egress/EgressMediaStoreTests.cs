using MotionGateway.LocalMotion.Egress;

namespace MotionGateway.LocalMotion.Tests.Egress;

public sealed class EgressMediaStoreTests
{
    private readonly EgressMediaStore _store = new(bytesPerRequest: 1000, bytesInAll: 1500);

    [Fact]
    public void Add_BeyondTheLimitOfAll_DropsWhatHasBeenKeptForLongest()
    {
        KeptMedia first = _store.Open();
        KeptMedia second = _store.Open();
        KeptMedia third = _store.Open();
        _store.AddAudio(second, new byte[600]);
        _store.AddAudio(first, new byte[400]);
        _store.AddMotion(first, new byte[100]);
        _store.AddMotion(third, new byte[400 - (2 * KeptMedia.MotionMessageCost)]);
        Assert.Equal((0L, 0), _store.LeftOut(first));
        Assert.Equal(1500, _store.Bytes);
        _store.AddAudio(third, new byte[1]);

        Assert.Equal((400L, 1), _store.LeftOut(first));
        Assert.Equal((0L, 0), _store.LeftOut(second));
        Assert.Equal((0L, 0), _store.LeftOut(third));
        Assert.Equal(1001 - KeptMedia.MotionMessageCost, _store.Bytes);
        // What has been dropped stays so: its beginning is gone.
        _store.AddAudio(first, new byte[5]);
        Assert.Equal((405L, 1), _store.LeftOut(first));
        Assert.True(_store.Read(first, isOggOpus: false, 8000).Audio.IsEmpty);
    }

    [Fact]
    public void Add_AfterTheFirstThatWasLeftOut_IsLeftOutToo()
    {
        KeptMedia media = _store.Open();
        _store.AddAudio(media, new byte[1001]);
        _store.AddAudio(media, new byte[1]);
        _store.AddMotion(media, new byte[300]);
        _store.AddMotion(media, new byte[1001]);
        _store.AddMotion(media, new byte[1]);

        Assert.Equal((2L, 2), _store.LeftOut(media));
        EgressMedia read = _store.Read(media, isOggOpus: false, 8000);
        Assert.Equal((1000, 300), (read.Audio.Length, Assert.Single(read.Motion).Length));
        Assert.Equal(1300 + KeptMedia.MotionMessageCost, _store.Bytes);
    }

    [Fact]
    public void Add_OfARequestThatAloneExceedsTheLimit_DropsNobodyForIt()
    {
        var store = new EgressMediaStore(bytesPerRequest: 100, bytesInAll: 50);
        KeptMedia other = store.Open();
        KeptMedia media = store.Open();
        store.AddAudio(other, new byte[20]);
        store.AddAudio(media, new byte[51]);

        Assert.Equal((0L, 0), store.LeftOut(other));
        Assert.Equal((51L, 0), store.LeftOut(media));
    }

    [Fact]
    public void AddMotion_OfTinyMessages_CountsWhatEachTakesBesideItsBytes()
    {
        KeptMedia media = _store.Open();
        for (int i = 0; i < 1000; i++)
        {
            _store.AddMotion(media, new byte[1]);
        }

        int fitting = 1000 / (1 + KeptMedia.MotionMessageCost);
        Assert.Equal(fitting, _store.Read(media, isOggOpus: false, 8000).Motion.Count);
        Assert.Equal((0L, 1000 - fitting), _store.LeftOut(media));
        Assert.Equal(fitting * (1 + KeptMedia.MotionMessageCost), _store.Bytes);
    }

    [Theory]
    [InlineData(1_000_000, 10_000_000)]
    [InlineData(10_000_000, 1_000_000)]
    public void AddAudio_InPieces_HoldsNoMoreThanTheLimitsAndNotMuchMoreThanItKeeps(int perRequest, long inAll)
    {
        byte[] audio = new byte[1_000_000];
        new Random(1).NextBytes(audio);
        var store = new EgressMediaStore(perRequest, inAll);
        KeptMedia media = store.Open();
        int kept = 0;
        for (int size = 1; kept < audio.Length; size = (size * 3 % 2003) + 1)
        {
            int length = Math.Min(size, audio.Length - kept);
            store.AddAudio(media, audio.AsSpan(kept, length));
            kept += length;
            Assert.Equal(media.AudioCapacity, store.Bytes);
            Assert.InRange(store.Bytes, kept, Math.Min(1_000_000, kept + Math.Min(kept, 64 * 1024)));
        }

        Assert.Equal((0L, 0), store.LeftOut(media));
        Assert.Equal(audio, store.Read(media, isOggOpus: false, 8000).Audio.ToArray());
    }

    [Fact]
    public void Drop_MakesRoom()
    {
        KeptMedia kept = _store.Open();
        KeptMedia dropped = _store.Open();
        _store.AddAudio(kept, new byte[800]);
        _store.AddAudio(dropped, new byte[700]);
        _store.Drop(dropped);
        _store.Drop(dropped);
        Assert.Equal(800, _store.Bytes);

        KeptMedia other = _store.Open();
        _store.AddAudio(other, new byte[700]);
        Assert.Equal((0L, 0), _store.LeftOut(kept));
        Assert.Equal(700, _store.Read(other, isOggOpus: false, 8000).Audio.Length);
        Assert.Equal(1500, _store.Bytes);
    }
}
