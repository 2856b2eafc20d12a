using Microsoft.AspNetCore.Http;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.LocalMotion.Tokens;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Faults;

internal delegate Task TokenFault(HttpContext context, SessionTokenStore tokens, CancellationToken cancellationToken);

internal delegate Task UpgradeFault(HttpContext context);

internal delegate ValueTask HandshakeFault(IngressConnection connection, CancellationToken cancellationToken);

/// <summary>Is given each motion message instead of the writer, and sends what it likes.</summary>
internal delegate ValueTask TurnFault(IngressConnection connection, ServerResponseAnimation animation, CancellationToken cancellationToken);

/// <summary>A way in which the local Motion Server misbehaves on demand.</summary>
public sealed class Fault
{
    private Fault(string name, FaultStage stage, string description)
    {
        Name = name;
        Stage = stage;
        Description = description;
    }

    /// <summary>What an API key (<see cref="FaultStage.Token"/>) or an avatar id (all others) has to be for the fault to strike.</summary>
    public string Name { get; }

    /// <summary>Where it strikes.</summary>
    public FaultStage Stage { get; }

    /// <summary>What happens, in one line.</summary>
    public string Description { get; }

    internal TokenFault? AtToken { get; private init; }

    internal UpgradeFault? AtUpgrade { get; private init; }

    internal HandshakeFault? AtHandshake { get; private init; }

    internal TurnFault? InTurn { get; private init; }

    internal static Fault Token(string name, string description, TokenFault strike) => new(name, FaultStage.Token, description) { AtToken = strike };

    internal static Fault Upgrade(string name, string description, UpgradeFault strike) => new(name, FaultStage.Upgrade, description) { AtUpgrade = strike };

    internal static Fault Handshake(string name, string description, HandshakeFault strike) => new(name, FaultStage.Handshake, description) { AtHandshake = strike };

    internal static Fault Turn(string name, string description, TurnFault strike) => new(name, FaultStage.Turn, description) { InTurn = strike };
}
