using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>
/// A plan at work on one connection. It concerns the first turn; all others pass. A turn of one message is cut in half first, so that
/// every turn has a middle.
/// </summary>
internal sealed class TurnFault(TurnPlan plan, IngressConnection connection)
{
    private string? _requestId;
    private int _index;
    private bool _isOver;
    private Silence _silence;

    public LocalMotionServerOptions Options => connection.Options;

    /// <summary>Motion that the plan has kept back.</summary>
    public ServerResponseAnimation? Held { get; set; }

    /// <summary>Called once, when the session has been confirmed.</summary>
    public ValueTask BeginAsync(CancellationToken cancellationToken) =>
        plan is { Moment: TurnMoment.Before, Act: { } act } ? act(connection, null, cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Takes the place of the writer of motion.</summary>
    public async ValueTask WriteAsync(ServerResponseAnimation motion, CancellationToken cancellationToken)
    {
        if (_silence == Silence.Connection)
        {
            return;
        }

        _requestId ??= motion.ReqId;
        if (_isOver || motion.ReqId != _requestId)
        {
            await SendAsync(motion, cancellationToken);
            return;
        }

        _isOver = motion.End;
        foreach (ServerResponseAnimation part in Parts(motion))
        {
            await WritePartAsync(part, cancellationToken);
        }
    }

    public ValueTask SendAsync(ServerResponseAnimation motion, CancellationToken cancellationToken) => connection.SendMotionAsync(motion, cancellationToken);

    /// <summary>Sends motion in bytes that the plan has made of it, with as many keyframes as can be read in them.</summary>
    public ValueTask SendRawAsync(int keyframes, ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        connection.SendRawMotionAsync(keyframes, message, cancellationToken);

    private async ValueTask WritePartAsync(ServerResponseAnimation part, CancellationToken cancellationToken)
    {
        if (_silence != Silence.None)
        {
            return;
        }

        int index = _index++;
        if (plan.Shape is { } shape)
        {
            await shape(this, part, index, cancellationToken);
            return;
        }

        await SendAsync(part, cancellationToken);
        if ((plan.Moment == TurnMoment.Mid && index == 0) || (plan.Moment == TurnMoment.After && part.End))
        {
            await (plan.Act?.Invoke(connection, part.ReqId, cancellationToken) ?? ValueTask.CompletedTask);
            _silence = plan.Then;
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
