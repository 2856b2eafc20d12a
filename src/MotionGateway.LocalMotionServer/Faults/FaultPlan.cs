using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

/// <summary>Strikes at an HTTP request; false when the request then goes on as usual.</summary>
internal delegate Task<bool> HttpFault(HttpExchange exchange);

/// <summary>Does something to a connection.</summary>
internal delegate ValueTask FaultAct(FaultScene scene, CancellationToken cancellationToken);

/// <summary>Is given each motion message of the turn, with its index, instead of the writer, and sends what it likes.</summary>
internal delegate ValueTask MotionShape(TurnFault turn, ServerResponseAnimation motion, int index, CancellationToken cancellationToken);

/// <summary>Where an act takes place.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Point">When.</param>
/// <param name="RequestId">The request at hand, if there is one.</param>
internal readonly record struct FaultScene(IngressConnection Connection, FaultPoint Point, string? RequestId);

/// <summary>How things go on after an act.</summary>
internal enum Aftermath
{
    /// <summary>As usual; a session that is not confirmed yet is confirmed.</summary>
    GoesOn,

    /// <summary>As usual, and the act has confirmed the session.</summary>
    Confirmed,

    /// <summary>The request at hand gets no more motion.</summary>
    RequestSilent,

    /// <summary>There is no session, or no more motion on it.</summary>
    Silent,
}

/// <summary>What a fault does: it answers an HTTP request, acts on a connection, or shapes a turn's motion.</summary>
internal sealed record FaultPlan
{
    private FaultPlan()
    {
    }

    public HttpFault? AtHttp { get; private init; }

    public FaultAct? Act { get; private init; }

    public Aftermath After { get; private init; }

    public MotionShape? Shape { get; private init; }

    /// <summary>Whether the client's close is never answered.</summary>
    public bool IsCloseUnanswered { get; private init; }

    /// <summary>Whether nothing would be seen of it where no motion comes over the WebSocket.</summary>
    public bool NeedsMotion { get; private init; }

    /// <summary>Answers the request.</summary>
    public static FaultPlan Answers(Func<HttpExchange, Task> answer) => new()
    {
        AtHttp = async exchange =>
        {
            await answer(exchange);
            return true;
        },
    };

    /// <summary>Lets the request go on as usual, later.</summary>
    public static FaultPlan DelaysTheRequest() => new()
    {
        AtHttp = async exchange =>
        {
            await exchange.DelayAsync();
            return false;
        },
    };

    public static FaultPlan Acts(FaultAct act, Aftermath after) => new() { Act = act, After = after };

    /// <summary>Ends the connection.</summary>
    public static FaultPlan Ends(Func<FaultScene, Ending> ending) => Acts((scene, _) => scene.Connection.EndAsync(ending(scene)), Aftermath.Silent);

    /// <summary>Sends WebSocket frames as they are, after which the server says nothing more.</summary>
    public static FaultPlan SendsFrames(Func<FaultScene, byte[]> frames, Aftermath after = Aftermath.Silent) =>
        Acts((scene, cancellationToken) => scene.Connection.SendFramesAsync(frames(scene), cancellationToken), after);

    public static FaultPlan Stalls(Aftermath after) => new() { Act = (_, _) => ValueTask.CompletedTask, After = after, NeedsMotion = true };

    public static FaultPlan Shapes(MotionShape shape) => new() { Shape = shape, NeedsMotion = true };

    public static FaultPlan LeavesTheCloseUnanswered() => new() { IsCloseUnanswered = true };
}
