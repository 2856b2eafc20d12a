using Google.Protobuf;
using MotionGateway.Chaos.Tests.Oracle;
using MotionGateway.Chaos.Tests.Speaking;
using MotionGateway.Messages.DrivenIngress.V2;
using MotionGateway.V1;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>A session of two turns as it should be, to be spoiled.</summary>
internal sealed class GoodSession
{
    public const int SampleRate = 8000;

    private const int SamplesPerKeyframe = SampleRate / 25;
    private const string Avatar = "avatar";

    private readonly Random _random = new(1);
    private readonly MotionRecord _record = new();

    public GoodSession()
    {
        foreach (string name in new[] { "one", "two" })
        {
            Say(name);
        }

        Append(new Payload { SessionEnded = new SessionEnded() });
    }

    public List<Payload> Log { get; } = [];

    public List<SpokenTurn> Turns { get; } = [];

    /// <summary>Payloads of the first turn with some content.</summary>
    public List<Payload> First(Payload.ContentOneofCase content) => [.. Log.Where(payload => payload.TurnId == "one" && payload.ContentCase == content)];

    /// <summary>Takes entries out, and closes the gap.</summary>
    public void Remove(params Payload[] payloads)
    {
        Log.RemoveAll(payloads.Contains);
        Renumber();
    }

    public void Renumber()
    {
        for (int i = 0; i < Log.Count; i++)
        {
            Log[i].Sequence = i + 1;
        }
    }

    /// <summary>Changes an envelope.</summary>
    public static void Change(Payload payload, Action<ServerResponseAnimation> change)
    {
        var message = Message.Parser.ParseFrom(payload.Motion.Envelope);
        change(message.ServerResponseAnimation);
        payload.Motion.Envelope = message.ToByteString();
    }

    /// <summary>What the checker finds, in one text; empty: nothing.</summary>
    public string Check()
    {
        var promises = new Promises();
        var view = new SessionView(promises);
        var cursor = new FeedCursor(promises, "reader", view);
        cursor.Start(new Position { Epoch = 1 });
        Log.ForEach(cursor.Take);
        new SessionCheck(promises, "session", view, Turns, _record.Of(Avatar))
        {
            SampleRate = SampleRate,
            TurnRelease = TurnRelease.AfterPrevious,
            Faults = [],
        }.Run();
        return promises.ToString();
    }

    private void Say(string name)
    {
        const int keyframes = 10;
        byte[] speech = SpeechSound.Create(_random, SampleRate, keyframes * SamplesPerKeyframe);
        var turn = new SpokenTurn(new TurnPlan { Name = name, Speech = speech, ChunkBytes = 640, Pace = 0 }) { Sent = speech.Length };
        Turns.Add(turn);
        turn.Report = new TurnReport { TurnId = name, Outcome = TurnOutcome.Completed, PlayedSamples = speech.Length / 2, KeyframeCount = keyframes };
        _record.SpeechTaken("leg", Avatar, name, speech);
        Append(new Payload { TurnId = name, TurnStarted = new TurnStarted { Ordinal = Turns.Count, SampleRate = SampleRate } });
        for (int first = 0; first < keyframes; first += 5)
        {
            var animation = new FlameAnimation { Keyframes = { Enumerable.Range(0, 5).Select(_ => new Flame { JawPose = { _random.NextSingle() } }) } };
            _record.MotionMade("leg", Avatar, name, first, animation);
            bool isLast = first + 5 == keyframes;
            var audio = speech.AsSpan(first * SamplesPerKeyframe * 2, 5 * SamplesPerKeyframe * 2);
            Append(new Payload
            {
                TurnId = name,
                Audio = new Audio { FirstSample = first * SamplesPerKeyframe, SampleCount = 5 * SamplesPerKeyframe, Data = ByteString.CopyFrom(audio), Last = isLast },
            });
            var envelope = new Message
            {
                Type = MessageType.MessageServerResponseAnimation,
                ServerResponseAnimation = new ServerResponseAnimation { ConnectionId = "leg", ReqId = name, Animation = animation, End = isLast },
            };
            Append(new Payload
            {
                TurnId = name,
                Motion = new Motion { FirstKeyframe = first, KeyframeCount = 5, Last = isLast, Envelope = envelope.ToByteString() },
            });
        }

        Append(new Payload { TurnId = name, TurnSealed = new TurnSealed { SampleCount = speech.Length / 2, KeyframeCount = keyframes } });
        Append(new Payload { TurnId = name, TurnEnded = new TurnEnded { Outcome = TurnOutcome.Completed, PlayedSamples = speech.Length / 2 } });
    }

    private void Append(Payload payload)
    {
        (payload.Epoch, payload.Sequence) = (1, Log.Count + 1);
        Log.Add(payload);
    }
}
