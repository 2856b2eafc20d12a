using Google.Protobuf;
using static MotionGateway.LocalMotion.Faults.FaultPlan;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>What can be wrong with the WebSocket frames below the messages (RFC 6455, section 5), and what only looks as if it were.</summary>
internal static class FrameFaults
{
    private const int FloodPings = 10_000;

    private static readonly FaultPoint[] Points = [FaultPoint.Motion, FaultPoint.Handshake, FaultPoint.Any];
    private static readonly FaultPoint[] Main = [FaultPoint.Motion, FaultPoint.Handshake];
    private static readonly FaultPoint[] InSession = [FaultPoint.Motion, FaultPoint.Any, FaultPoint.FirstAudio];

    public static IEnumerable<FaultBehaviour> Behaviours =>
    [
        FaultBehaviour.Of("frame", "kind", ["compressed", "masked", "reserved-opcode", "long-ping", "stray-continuation"],
            "A frame comes that no server may send: {0}.", Points, Main, (_, point) => FaultOutcome.Error(Verdict.ProtocolError, point),
            (kind, _) => SendsFrames(scene => Broken(kind, Payload(scene)))),
        FaultBehaviour.Of("close-frame", "fault", ["no-utf8", "one-byte", "forbidden-code"], "A close frame comes that cannot be read: {0}.", Points, Main,
            (_, point) => FaultOutcome.Error(Verdict.ProtocolError, point), (fault, _) => SendsFrames(_ => Frames.Close(fault))),
        FaultBehaviour.Of("half-frame", "", [""], "A frame stops half way, and the connection is there.", Points, Points,
            (_, point) => point == FaultPoint.Handshake
                ? FaultOutcome.Error(Verdict.ConnectionFailed, point) with { Session = SessionOutcome.AudioOnly }
                : FaultOutcome.AudioOnly(connectionStays: false),
            (_, _) => SendsFrames(scene => Frames.Half(Payload(scene)))),
        FaultBehaviour.Of("cut-frame", "", [""], "A frame stops half way, and the TCP connection is cut.", Points, Points,
            (_, point) => FaultOutcome.Error(point == FaultPoint.Handshake ? Verdict.ConnectionFailed : Verdict.ConnectionClosed, point),
            (_, _) => Acts(
                async (scene, cancellationToken) =>
                {
                    await scene.Connection.SendFramesAsync(Frames.Half(Payload(scene)), cancellationToken);
                    await scene.Connection.CutAsync();
                },
                Aftermath.Silent)),
        FaultBehaviour.Of("fragments", "The confirmation comes in many frames, some of them empty, with pings between.", FaultPoint.Handshake, FaultOutcome.Completed(),
            SendsFrames(scene => Frames.Fragmented(Payload(scene)), Aftermath.Confirmed)),
        FaultBehaviour.Of("fragmented-motion", "Each motion message of the turn comes in many frames, some of them empty, with pings between. Not with egress.",
            FaultPoint.Motion, FaultOutcome.Completed(),
            Shapes((turn, motion, _, cancellationToken) => turn.SendFramesAsync(Frames.Fragmented(FaultMessages.Envelope(motion).ToByteArray()), cancellationToken))),
        FaultBehaviour.Of("ping-flood", "", [""], FormattableString.Invariant($"{FloodPings} pings come at once."), InSession, InSession,
            (_, _) => FaultOutcome.Completed(), (_, _) => SendsFrames(_ => Frames.Pings(FloodPings), Aftermath.GoesOn)),
    ];

    /// <summary>A message that fits where the frame comes.</summary>
    private static byte[] Payload(FaultScene scene) =>
        (scene.Point == FaultPoint.Handshake
            ? scene.Connection.Confirmation()
            : FaultMessages.Motion(scene.Connection, scene.RequestId ?? FaultMessages.NobodysRequest, 1)).ToByteArray();

    private static byte[] Broken(string kind, byte[] payload) => kind switch
    {
        "compressed" => Frames.Compressed(payload),
        "masked" => Frames.Masked(payload),
        "reserved-opcode" => Frames.OfReservedOpcode(payload),
        "long-ping" => Frames.LongPing(),
        _ => Frames.StrayContinuation(payload),
    };
}
