using Google.Protobuf;
using MotionGateway.Cli.Audio;
using MotionGateway.V1;

namespace MotionGateway.Cli.Tests.Audio;

public sealed class SavedSpeechTests : IDisposable
{
    private const int HeaderBytes = 44;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"motiongateway-{Guid.NewGuid():n}.wav");
    private readonly List<string> _notices = [];

    [Fact]
    public void Add_Pcm_IsSavedAsItCame()
    {
        Save(Started("story", AudioEncoding.PcmS16Le, []), Audio("story", [1, 2]), Audio("story", [3, 4, 5, 6]));

        Assert.Equal([1, 2, 3, 4, 5, 6], File.ReadAllBytes(_path)[HeaderBytes..]);
        Assert.Empty(_notices);
    }

    [Fact]
    public void Add_OpusTurns_AreDecodedEachByItself()
    {
        var (header, pages) = Split(OpusBytes.Encode(OpusBytes.Tone(0.5)));

        Save(
            Started("one", AudioEncoding.OggOpus, header), Audio("one", pages), Ended("one"),
            Started("two", AudioEncoding.OggOpus, header), Audio("two", pages));

        Assert.Equal(2 * OpusBytes.Tone(0.5).Length, File.ReadAllBytes(_path).Length - HeaderBytes);
        Assert.Empty(_notices);
    }

    [Fact]
    public void Add_OpusBehindItsHeader_IsLeftOutAndToldOnce()
    {
        var (_, pages) = Split(OpusBytes.Encode(OpusBytes.Tone(0.5)));

        Save(Audio("story", pages), Audio("story", pages), Ended("story"), Audio("next", [1, 2]));

        Assert.Equal([1, 2], File.ReadAllBytes(_path)[HeaderBytes..]);
        Assert.Contains("joined behind its header", Assert.Single(_notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_BrokenOpus_IsSavedUpToThereAndToldOnce()
    {
        var (header, pages) = Split(OpusBytes.Encode(OpusBytes.Tone(0.5)));
        pages[^1] ^= 0xFF;

        Save(Started("story", AudioEncoding.OggOpus, header), Audio("story", pages), Audio("story", pages));

        Assert.Contains("is not saved", Assert.Single(_notices), StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_path);

    private static SubscribeResponse Started(string turn, AudioEncoding encoding, byte[] header) => Response(turn, new Payload
    {
        TurnStarted = new TurnStarted { SampleRate = OpusBytes.Rate, AudioEncoding = encoding, AudioHeader = ByteString.CopyFrom(header) },
    });

    private static SubscribeResponse Audio(string turn, byte[] data) =>
        Response(turn, new Payload { Audio = new V1.Audio { Data = ByteString.CopyFrom(data) } });

    private static SubscribeResponse Ended(string turn) => Response(turn, new Payload { TurnEnded = new TurnEnded() });

    private static SubscribeResponse Response(string turn, Payload payload)
    {
        payload.TurnId = turn;
        return new SubscribeResponse { Payload = payload };
    }

    // The headers of a stream take two pages.
    private static (byte[] Header, byte[] Pages) Split(byte[] stream)
    {
        int second = stream.AsSpan(4).IndexOf("OggS"u8) + 4;
        int third = stream.AsSpan(second + 4).IndexOf("OggS"u8) + second + 4;
        return (stream[..third], stream[third..]);
    }

    private void Save(params SubscribeResponse[] responses)
    {
        using var saved = new SavedSpeech(_path, _notices.Add);
        saved.Add(new SubscribeResponse { Started = new FeedStarted { SampleRate = OpusBytes.Rate } });
        foreach (var response in responses)
        {
            saved.Add(response);
        }
    }
}
