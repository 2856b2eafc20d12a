namespace MotionGateway.Hosting;

/// <summary>
/// The setting can be changed while the service runs: it applies from then on, to what is begun later. Of a group or a map, all
/// that it holds. Any other change needs a restart.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AppliedAtOnceAttribute : Attribute;
