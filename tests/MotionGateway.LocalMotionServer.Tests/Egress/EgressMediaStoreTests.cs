using MotionGateway.LocalMotion.Egress;

namespace MotionGateway.LocalMotion.Tests.Egress;

public sealed class EgressMediaStoreTests
{
    private readonly EgressMediaStore _store = new(bytesPerRequest: 100, bytesInAll: 150);

    [Fact]
    public void Add_BeyondTheLimitOfAll_DropsWhatHasBeenKeptForLongest()
    {
        KeptMedia first = _store.Open();
        KeptMedia second = _store.Open();
        KeptMedia third = _store.Open();
        _store.AddAudio(second, new byte[60]);
        _store.AddAudio(first, new byte[40]);
        _store.AddMotion(first, new byte[10]);
        _store.AddMotion(third, new byte[41]);

        Assert.Equal((40L, 1), _store.LeftOut(first));
        Assert.Equal((0L, 0), _store.LeftOut(second));
        Assert.Equal(101, _store.Bytes);
        // What has been dropped stays so: its beginning is gone.
        _store.AddAudio(first, new byte[5]);
        Assert.Equal((45L, 1), _store.LeftOut(first));
        Assert.True(_store.Read(first, isOggOpus: false, 8000).Audio.IsEmpty);
    }

    [Fact]
    public void Add_AfterTheFirstThatWasLeftOut_IsLeftOutToo()
    {
        KeptMedia media = _store.Open();
        _store.AddAudio(media, new byte[101]);
        _store.AddAudio(media, new byte[1]);
        _store.AddMotion(media, new byte[30]);
        _store.AddMotion(media, new byte[101]);
        _store.AddMotion(media, new byte[1]);

        Assert.Equal((2L, 2), _store.LeftOut(media));
        EgressMedia read = _store.Read(media, isOggOpus: false, 8000);
        Assert.Equal((100, 30), (read.Audio.Length, Assert.Single(read.Motion).Length));
        Assert.Equal(130, _store.Bytes);
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
    public void Drop_MakesRoom()
    {
        KeptMedia media = _store.Open();
        _store.AddAudio(media, new byte[60]);
        _store.Drop(media);
        _store.Drop(media);

        Assert.Equal(0, _store.Bytes);
    }
}
