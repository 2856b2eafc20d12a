using System.Security.Claims;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>A caller whose credential is good, as a handler of authentication hands it on.</summary>
internal sealed class CallerPrincipal(Caller caller, CallerLimits limits) : ClaimsPrincipal(new ClaimsIdentity("caller"))
{
    /// <summary>Who.</summary>
    public Caller Caller => caller;

    /// <summary>What the caller may take up.</summary>
    public CallerLimits Limits => limits;
}
