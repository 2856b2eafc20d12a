namespace MotionGateway.LocalMotion.Faults;

/// <summary>A fault that strikes users who did not ask for it by name.</summary>
/// <param name="Id">Names this arming, for <see cref="FaultBoard.Disarm"/>.</param>
/// <param name="Fault">The fault.</param>
/// <param name="AvatarId">The avatar whose connections it strikes; <c>*</c> for all.</param>
/// <param name="Remaining">How often it still strikes; null for ever.</param>
public sealed record ArmedFault(string Id, Fault Fault, string AvatarId, int? Remaining);
