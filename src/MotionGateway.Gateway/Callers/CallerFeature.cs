using System.Security.Claims;
using Grpc.Core;
using MotionGateway.Feeds;
using MotionGateway.Sessions;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>Who makes a call, for the services: it is known before they begin.</summary>
/// <param name="Caller">Who.</param>
internal sealed record CallerFeature(Caller Caller)
{
    private const string Field = "authorization";

    private static readonly CallerFeature Anyone = new(Caller.Anyone);

    /// <summary>What the caller may take up.</summary>
    public CallerLimits Limits { get; init; } = new();

    /// <summary>A credential was shown, and is not taken.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Who makes this call; anyone, where callers are not told apart.</summary>
    public static Caller Of(ServerCallContext context) => Find(context).Caller;

    /// <summary>Who makes this call, with all that is known.</summary>
    public static CallerFeature Find(ServerCallContext context) => context.GetHttpContext().Features.Get<CallerFeature>() ?? Anyone;

    /// <summary>What authentication has found.</summary>
    /// <param name="user">Whom it has found; anybody else when it has found none.</param>
    /// <param name="hasCredential">Whether a credential was shown.</param>
    public static CallerFeature From(ClaimsPrincipal user, bool hasCredential) => user is CallerPrincipal known
        ? new CallerFeature(known.Caller) { Limits = known.Limits }
        : new CallerFeature(Caller.Nobody) { IsRefused = hasCredential };

    /// <summary>Refuses a call that the caller may not make for any session.</summary>
    /// <param name="right">What the call takes.</param>
    /// <exception cref="GatewayException">CREDENTIAL_INVALID: nobody knows who calls. NOT_PERMITTED: the caller lacks the scope.</exception>
    public void Require(SessionRight right)
    {
        if (Caller.Rights.Contains(right))
        {
            return;
        }

        throw Caller == Caller.Nobody ? Unknown() : new GatewayException(
            ErrorReason.NotPermitted, $"The caller lacks the scope '{Scopes.NameOf(right)}': use a credential that has it.")
        { Field = Field };
    }

    /// <summary>Refuses a call that comes with a credential which is not taken.</summary>
    /// <exception cref="GatewayException">CREDENTIAL_INVALID.</exception>
    public void ThrowIfRefused()
    {
        if (IsRefused)
        {
            throw Unknown();
        }
    }

    private GatewayException Unknown() => new(
        ErrorReason.CredentialInvalid,
        IsRefused ? "The credential is not taken: it is unknown, revoked or expired. Show another."
            : "This gateway serves callers whom it knows: send the metadata 'authorization: Bearer KEY', with an API key or a token.")
    {
        Field = Field,
    };
}
