using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Tests;

public sealed class MotionTests : IAsyncLifetime
{
    private LocalMotionServer _server = null!;

    public async Task InitializeAsync() =>
        // However slowly a busy machine sends, the motion comes in whole segments.
        _server = await LocalMotionServer.StartAsync(new LocalMotionServerOptions { Segments = MotionSegments.Recorded });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(22050)]
    [InlineData(24000)]
    [InlineData(32000)]
    [InlineData(44100)]
    [InlineData(48000)]
    public async Task Turn_OfAnyLengthCutAnywhere_HasOneKeyframePer40Milliseconds(int rate)
    {
        int keyframe = rate / 25;
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: rate);
        int[] lengths = [0, 1, keyframe - 1, keyframe, keyframe + 1, (2 * keyframe) - 1, 50 * keyframe, (50 * keyframe) + 1, (51 * keyframe) + 7, (150 * keyframe) - 1];
        foreach (int samples in lengths)
        {
            List<ServerResponseAnimation> turn = await SpeakAsync(client, Speech.Babble(samples, rate), seed: samples);
            Assert.Equal(Math.Max(1, samples * 25L / rate), turn.Sum(animation => animation.Animation.Keyframes.Count));
        }
    }

    [Fact]
    public async Task Turn_Of507AndAHalfKeyframes_ComesInTheRealServicesSegments()
    {
        using RawClient client = await RawClient.OpenAsync(_server);
        List<ServerResponseAnimation> turn = await SpeakAsync(client, Speech.Babble(324_800, 16000), seed: 1);

        Assert.Equal([50, 100, 100, 100, 100, 57], turn.Select(animation => animation.Animation.Keyframes.Count));
        Assert.Equal([false, false, false, false, false, true], turn.Select(animation => animation.End));
        Assert.All(turn, animation => Assert.Equal((client.ConnectionId, "turn-1", "avatar"), (animation.ConnectionId, animation.ReqId, animation.AvatarId)));
    }

    [Theory]
    [InlineData(50, new[] { 50 })]
    [InlineData(51, new[] { 50, 1 })]
    [InlineData(150, new[] { 50, 100 })]
    [InlineData(151, new[] { 50, 100, 1 })]
    public async Task Turn_EndingOnASegmentsBorder_MarksItsLastKeyframesAsTheEnd(int keyframes, int[] segments)
    {
        using RawClient client = await RawClient.OpenAsync(_server);
        await client.SendAudioAsync("turn", Speech.Babble(keyframes * 640, 16000));
        await client.SendAudioAsync("turn", Array.Empty<byte>(), end: true);

        Assert.Equal(segments, (await client.ReceiveTurnAsync()).Select(animation => animation.Animation.Keyframes.Count));
    }

    [Fact]
    public async Task Keyframe_OnTheWire_Is498Bytes()
    {
        using RawClient client = await RawClient.OpenAsync(_server);
        List<ServerResponseAnimation> turn = await SpeakAsync(client, Speech.Babble(16000, 16000), seed: 1);

        Assert.All(turn, animation => Assert.Equal(498 * animation.Animation.Keyframes.Count, animation.Animation.CalculateSize()));
        Assert.All(turn.SelectMany(animation => animation.Animation.Keyframes), AssertComplete);
    }

    [Theory]
    [InlineData(16000)]
    [InlineData(22050)]
    public async Task Turn_OfEqualAudioCutDifferently_IsEqual(int rate)
    {
        byte[] audio = Speech.Babble(7 * rate, rate);
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: rate);
        List<ServerResponseAnimation> first = await SpeakAsync(client, audio, seed: 1);
        List<ServerResponseAnimation> second = await SpeakAsync(client, audio, seed: 2);
        using RawClient other = await RawClient.OpenAsync(_server, "other", rate);
        await other.SendAudioAsync("whole", audio, end: true);
        List<ServerResponseAnimation> whole = await other.ReceiveTurnAsync();

        Assert.Equal(first.Select(animation => animation.Animation), second.Select(animation => animation.Animation));
        Assert.Equal(first.Select(animation => animation.Animation), whole.Select(animation => animation.Animation));
    }

    [Fact]
    public async Task Jaw_FollowsTheSoundsEnergy()
    {
        const int Second = 16000;
        byte[] audio = [.. Speech.Silence(Second), .. Speech.OpenVowel(Second, 16000), .. Speech.Silence(Second)];
        using RawClient client = await RawClient.OpenAsync(_server);
        float[] jaw = [.. (await SpeakAsync(client, audio, seed: 1)).SelectMany(animation => animation.Animation.Keyframes).Select(keyframe => keyframe.JawPose[0])];

        Assert.All(jaw[..25], opening => Assert.Equal(0.005f, opening));
        Assert.All(jaw[30..50], opening => Assert.InRange(opening, 0.04f, 0.063f));
        Assert.True(jaw[50] < jaw[49], "The jaw does not begin to close when the sound stops.");
        Assert.All(jaw[65..], opening => Assert.InRange(opening, 0.005f, 0.008f));
    }

    [Fact]
    public async Task Lips_TellARoundVowelFromASpreadOne()
    {
        using RawClient client = await RawClient.OpenAsync(_server);
        Flame round = await LastKeyframeAsync(client, Speech.Tones(16000, 16000, (300, 0.4), (600, 0.05)));
        Flame spread = await LastKeyframeAsync(client, Speech.Tones(16000, 16000, (300, 0.3), (2300, 0.15)));

        Assert.True(spread.Expression[1] > round.Expression[1] + 0.3, "A spread vowel does not spread the lips.");
        Assert.True(round.Expression[2] > spread.Expression[2] + 0.3, "A round vowel does not round the lips.");
    }

    [Fact]
    public async Task Jaw_OfAFricative_IsLessOpenThanOfAVowelAsLoud()
    {
        using RawClient client = await RawClient.OpenAsync(_server);
        Flame vowel = await LastKeyframeAsync(client, Speech.Tones(16000, 16000, (800, 0.3)));
        Flame fricative = await LastKeyframeAsync(client, Speech.Tones(16000, 16000, (3350, 0.3)));

        Assert.True(fricative.JawPose[0] < 0.7 * vowel.JawPose[0], $"{fricative.JawPose[0]} is not clearly less than {vowel.JawPose[0]}.");
    }

    [Fact]
    public async Task Clip_OfTwentySecondsAt48KilohertzInOneMessage_ComesWhole()
    {
        using RawClient client = await RawClient.OpenAsync(_server, sampleRate: 48000);
        await client.SendAudioAsync("clip", Speech.Babble(20 * 48000, 48000), end: true);

        Assert.Equal([50, 100, 100, 100, 100, 50], (await client.ReceiveTurnAsync()).Select(animation => animation.Animation.Keyframes.Count));
    }

    [Fact]
    public async Task Turn_OfSpeech_KeepsToTheRangesOfTheRealServicesMotion()
    {
        using RawClient client = await RawClient.OpenAsync(_server);
        Flame[] motion = [.. (await SpeakAsync(client, Speech.Sentences(20), seed: 1)).SelectMany(animation => animation.Animation.Keyframes)];
        float[] jaw = [.. motion.Select(keyframe => keyframe.JawPose[0])];
        double[] sizes = [.. motion.Select(keyframe => Math.Sqrt(keyframe.Expression.Sum(value => value * value)))];

        // As recorded: the jaw from 0.005 to 0.063 rad with a median of 0.041, and 0.0063 rad a keyframe.
        Assert.All(jaw, opening => Assert.InRange(opening, 0.0049f, 0.0631f));
        Assert.InRange(jaw.Order().ElementAt(jaw.Length / 2), 0.035f, 0.047f);
        Assert.InRange(jaw.Zip(jaw.Skip(1), (one, next) => Math.Abs(next - one)).Average(), 0.003, 0.009);
        Assert.All(sizes, size => Assert.InRange(size, 3.2, 6.8));
        Assert.InRange(sizes.Order().ElementAt(sizes.Length / 2), 4, 5.5);
        Assert.All(motion, keyframe => Assert.Equal([0f, 0f], keyframe.EyeLid));
        Assert.All(motion, keyframe => Assert.InRange(keyframe.NeckPose[0], 0.07f, 0.18f));
        Assert.True(motion.Max(keyframe => keyframe.NeckPose[0]) - motion.Min(keyframe => keyframe.NeckPose[0]) > 0.06, "The head hardly moves.");
    }

    private static void AssertComplete(Flame keyframe)
    {
        int[] counts = [keyframe.Translation.Count, keyframe.Rotation.Count, keyframe.NeckPose.Count, keyframe.JawPose.Count, keyframe.EyePose.Count, keyframe.EyeLid.Count, keyframe.Expression.Count];
        Assert.Equal([3, 3, 3, 3, 6, 2, 100], counts);
        Assert.All(keyframe.Expression.Concat(keyframe.JawPose).Concat(keyframe.NeckPose), value => Assert.True(float.IsFinite(value)));
    }

    private static async Task<Flame> LastKeyframeAsync(RawClient client, byte[] audio) => (await SpeakAsync(client, audio, seed: 1))[^1].Animation.Keyframes[^1];

    private static async Task<List<ServerResponseAnimation>> SpeakAsync(RawClient client, byte[] audio, int seed)
    {
        string requestId = $"turn-{seed}";
        foreach (ReadOnlyMemory<byte> chunk in Speech.CutAnywhere(audio, seed))
        {
            await client.SendAudioAsync(requestId, chunk);
        }

        await client.SendAudioAsync(requestId, Array.Empty<byte>(), end: true);
        return await client.ReceiveTurnAsync();
    }
}
