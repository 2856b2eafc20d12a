using Google.Protobuf;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.Testing;
using Xunit.Abstractions;

namespace MotionGateway.Sessions.Tests.Motion;

public sealed class MotionEnvelopeTests(ITestOutputHelper output)
{
    [Fact]
    public void Rewrite_RandomMessages_EqualsTheMessageEditedByItsFields()
    {
        var random = CreateRandom();
        for (int i = 0; i < 5_000; i++)
        {
            byte[] envelope = new RandomEnvelope(random).Create();
            var expected = Message.Parser.ParseFrom(envelope);
            var animation = expected.ServerResponseAnimation;
            int count = animation.Animation?.Keyframes.Count ?? 0;
            int skip = random.Next(count + 2), take = random.Next(count + 2);
            (animation.ConnectionId, animation.ReqId, animation.End) = ("conn-ä", new string('r', random.Next(300)), i % 2 == 0);

            byte[] rewritten = MotionEnvelope.Rewrite(envelope, "conn-ä", animation.ReqId, animation.End, skip, take);

            if (animation.Animation is { } flames)
            {
                var kept = flames.Keyframes.Skip(skip).Take(take).ToList();
                flames.Keyframes.Clear();
                flames.Keyframes.Add(kept);
            }

            Assert.Equal(expected, Message.Parser.ParseFrom(rewritten));
        }
    }

    [Fact]
    public void TryHashKeyframes_RandomMessages_OneEachInOrderWhateverStandsAround()
    {
        var random = CreateRandom();
        for (int i = 0; i < 5_000; i++)
        {
            byte[] envelope = new RandomEnvelope(random).Create();
            var parsed = Message.Parser.ParseFrom(envelope).ServerResponseAnimation;
            List<ulong> hashes = [17];

            Assert.True(MotionEnvelope.TryHashKeyframes(envelope, hashes));
            Assert.Equal(17ul, hashes[0]);
            hashes.RemoveAt(0);
            Assert.Equal(parsed.Animation?.Keyframes.Count ?? 0, hashes.Count);
            // The random floats differ from keyframe to keyframe.
            Assert.Equal(hashes.Count, hashes.Distinct().Count());

            int skip = random.Next(4), take = random.Next(6);
            List<ulong> rewritten = [];
            Assert.True(MotionEnvelope.TryHashKeyframes(MotionEnvelope.Rewrite(envelope, "c", "r", true, skip, take), rewritten));
            Assert.Equal(hashes.Skip(skip).Take(take), rewritten);
        }
    }

    [Fact]
    public void Rewrite_WithTheValuesThatAreThere_IsByteForByteTheSame()
    {
        byte[] envelope = new Message
        {
            Type = MessageType.MessageServerResponseAnimation,
            ServerResponseAnimation = new ServerResponseAnimation
            {
                ConnectionId = "connection",
                ReqId = "request",
                End = true,
                Animation = new FlameAnimation { Keyframes = { RandomEnvelope.CreateFlame(new Random(1)), new Flame() } },
                AvatarId = "avatar",
            },
        }.ToByteArray();
        // As protobuf allows: a field that this version does not know, and the last fields first.
        byte[] odd = [.. envelope.AsSpan(2), 0xA0, 0x06, 0x81, 0x00, .. envelope.AsSpan(0, 2)];

        Assert.Equal(envelope, MotionEnvelope.Rewrite(envelope, "connection", "request", true, 0, 2));
        Assert.Equal(odd, MotionEnvelope.Rewrite(odd, "connection", "request", true, 0, int.MaxValue));
    }

    [Fact]
    public void TryHashKeyframes_NoAnimation_IsFalse()
    {
        List<ulong> hashes = [];

        Assert.False(MotionEnvelope.TryHashKeyframes([], hashes));
        Assert.False(MotionEnvelope.TryHashKeyframes(new Message { ServerError = new ServerError() }.ToByteArray(), hashes));
        Assert.Throws<ArgumentException>(() => MotionEnvelope.Rewrite([], "c", "r", false, 0, 1));
        Assert.Empty(hashes);
    }

    [Fact]
    public void TryHashKeyframesAndRewrite_FuzzedBytes_NeverThrowAndChangeNothingWhenRefused()
    {
        var random = CreateRandom();
        int taken = 0, refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] envelope = Damage(new RandomEnvelope(random).Create(), random);
            List<ulong> hashes = [17];
            if (!MotionEnvelope.TryHashKeyframes(envelope, hashes))
            {
                refused++;
                Assert.Equal([17], hashes);
                continue;
            }

            taken++;
            byte[] rewritten = MotionEnvelope.Rewrite(envelope, "c", "r", false, 1, 2);
            List<ulong> after = [17];
            Assert.True(MotionEnvelope.TryHashKeyframes(rewritten, after));
            Assert.Equal(hashes.Skip(2).Take(2), after.Skip(1));
        }

        Assert.True(taken > 500 && refused > 500, $"{taken} taken, {refused} refused");
    }

    private static byte[] Damage(byte[] envelope, Random random)
    {
        if (random.Next(4) == 0)
        {
            return envelope[..random.Next(envelope.Length)];
        }

        // Most bytes are floats, where damage goes unseen; those in front are tags and lengths.
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            envelope[random.Next(2) == 0 ? random.Next(envelope.Length) : random.Next(Math.Min(40, envelope.Length))] = (byte)random.Next(256);
        }

        return envelope;
    }

    private Random CreateRandom()
    {
        int seed = TestSeed.GivenOrChance();
        output.WriteLine($"MOTIONGATEWAY_SEED={seed}");
        return new Random(seed);
    }
}
