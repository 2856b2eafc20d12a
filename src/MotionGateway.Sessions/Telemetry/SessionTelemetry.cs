using System.Diagnostics;

namespace MotionGateway.Sessions;

/// <summary>The activity source of sessions.</summary>
internal static class SessionTelemetry
{
    public const string Name = "MotionGateway.Sessions";

    public static readonly ActivitySource Source = new(Name);
}
