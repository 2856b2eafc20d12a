using Google.Protobuf.WellKnownTypes;
using MotionGateway.Feeds;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Shows a session as people and control planes see it.</summary>
internal static class SessionSnapshot
{
    private const int ShownTurns = 16;

    public static V1.Session Create(Session session, SessionCore core, SessionState state, string connectionId)
    {
        var settings = session.Settings;
        var end = session.Log.End;
        var snapshot = new V1.Session
        {
            SessionId = session.Id,
            AvatarId = settings.AvatarId,
            App = settings.App,
            Caller = settings.Caller,
            AudioFormat = settings.ToAudioFormat(),
            Delivery = settings.ToDelivery(),
            Labels = { settings.Labels.ToDictionary() },
            State = state,
            CreateTime = Timestamp.FromDateTimeOffset(session.CreateTime),
            Position = new Position { Epoch = end.Epoch, Sequence = end.Sequence },
            Available = ToRange(session.Log.Available),
            LogBytes = session.Log.Bytes,
            ReaderCount = session.Log.ReaderCount,
            TurnCount = core.Turns.Count,
            ConnectionId = connectionId,
            Error = core.ClosedBecause,
            WaitingBytes = core.Intake.UnacknowledgedBytes,
            Egress = core.IsPublishing ? settings.Egress!.Room : null,
            Finishing = core.IsFinishing && !core.IsClosed,
        };
        snapshot.Turns.AddRange(core.Turns.Over.TakeLast(ShownTurns).Concat(core.Turns.Active).Select(ToTurn));
        return snapshot;
    }

    private static Turn ToTurn(SpeechTurn turn) => new()
    {
        TurnId = turn.Id,
        State = turn.State,
        Outcome = turn.Outcome,
        SampleCount = turn.Samples,
        KeyframeCount = turn.Motion.Keyframes,
        PlayedSamples = turn.IsOver ? turn.PlayedSamples : turn.Clock.Heard,
        Sequences = ToRange(turn.Sequences),
        Error = turn.Failure,
        Complete = turn.IsComplete,
        Published = turn.IsPublished,
    };

    private static SequenceRange? ToRange(SequenceSpan? span) =>
        span is { } range ? new SequenceRange { From = range.From, Through = range.Through } : null;
}
