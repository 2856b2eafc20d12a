using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// A fault at work on one session. It strikes once, in the first turn, and later ones are whole. A first turn of one message is cut in
/// half, so that it has a middle. Audio and motion come from two tasks; a request's audio goes before its motion.
/// </summary>
internal sealed class TurnFault(Fault fault, IngressConnection connection)
{
    private readonly FaultPlan _plan = fault.Plan;
    private volatile string? _firstRequest;
    private volatile string? _silentRequest;
    private volatile bool _isSilent;
    private volatile bool _isTurnOver;
    private bool _hasStruckAtAudio;
    private int _index;

    public LocalMotionServerOptions Options => connection.Options;

    /// <summary>Motion that a shape has kept back.</summary>
    public ServerResponseAnimation? Held { get; set; }

    /// <summary>The session has been confirmed.</summary>
    public ValueTask BeginAsync(CancellationToken cancellationToken) =>
        fault.Point == FaultPoint.Any ? StrikeAsync(null, cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Audio has come, and has not been taken yet.</summary>
    public ValueTask BeforeAudioAsync(string requestId, CancellationToken cancellationToken)
    {
        _firstRequest ??= requestId;
        bool isDue = !_hasStruckAtAudio && fault.Point switch
        {
            FaultPoint.FirstAudio => true,
            FaultPoint.TwoRequests => requestId != _firstRequest && !_isTurnOver,
            _ => false,
        };
        _hasStruckAtAudio |= isDue;
        return isDue ? StrikeAsync(requestId, cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Takes the place of the writer of motion.</summary>
    public async ValueTask WriteAsync(ServerResponseAnimation motion, CancellationToken cancellationToken)
    {
        if (motion.ReqId != _firstRequest || _isTurnOver)
        {
            await SendUnlessSilentAsync(motion, cancellationToken);
            return;
        }

        bool isInMotion = fault.Point is FaultPoint.Motion or FaultPoint.End;
        foreach (ServerResponseAnimation part in isInMotion ? Parts(motion) : [motion])
        {
            await WritePartAsync(part, cancellationToken);
        }

        _isTurnOver = motion.End;
    }

    public ValueTask SendAsync(ServerResponseAnimation motion, CancellationToken cancellationToken) => connection.SendMotionAsync(motion, cancellationToken);

    /// <summary>Sends motion in bytes that a shape has made of it, with as many keyframes as can be read in them.</summary>
    public ValueTask SendRawAsync(int keyframes, ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        connection.SendRawMotionAsync(keyframes, message, cancellationToken);

    /// <summary>Sends frames that a shape has made.</summary>
    public ValueTask SendFramesAsync(byte[] frames, CancellationToken cancellationToken) => connection.SendFramesAsync(frames, cancellationToken);

    private ValueTask SendUnlessSilentAsync(ServerResponseAnimation motion, CancellationToken cancellationToken) =>
        _isSilent || motion.ReqId == _silentRequest ? ValueTask.CompletedTask : SendAsync(motion, cancellationToken);

    private async ValueTask WritePartAsync(ServerResponseAnimation part, CancellationToken cancellationToken)
    {
        int index = _index++;
        if (_plan.Shape is { } shape)
        {
            await shape(this, part, index, cancellationToken);
            return;
        }

        await SendUnlessSilentAsync(part, cancellationToken);
        if ((fault.Point == FaultPoint.Motion && index == 0) || (fault.Point == FaultPoint.End && part.End))
        {
            await StrikeAsync(part.ReqId, cancellationToken);
        }
    }

    private async ValueTask StrikeAsync(string? requestId, CancellationToken cancellationToken)
    {
        // Silent first: what is made meanwhile is not to be sent.
        _isSilent = _plan.After == Aftermath.Silent;
        _silentRequest = _plan.After == Aftermath.RequestSilent ? requestId : null;
        if (_plan.Act is { } act)
        {
            await act(new FaultScene(connection, fault.Point, requestId), cancellationToken);
        }
    }

    private IEnumerable<ServerResponseAnimation> Parts(ServerResponseAnimation motion)
    {
        int keyframes = motion.Animation.Keyframes.Count;
        if (_index > 0 || !motion.End || keyframes < 2)
        {
            return [motion];
        }

        int half = (keyframes + 1) / 2;
        ServerResponseAnimation first = motion.Clone();
        first.End = false;
        first.Animation = new FlameAnimation { Keyframes = { motion.Animation.Keyframes.Take(half) } };
        ServerResponseAnimation second = motion.Clone();
        second.Animation = new FlameAnimation { Keyframes = { motion.Animation.Keyframes.Skip(half) } };
        return [first, second];
    }
}
