using System.Text.Json;
using MotionGateway.V1;

namespace MotionGateway.Sessions;

/// <summary>Attributes that several instruments have.</summary>
internal static class MetricTags
{
    /// <summary>Why something failed, by the reason's public name.</summary>
    public static KeyValuePair<string, object?> Of(ErrorReason reason) =>
        new("error.type", JsonNamingPolicy.SnakeCaseUpper.ConvertName($"{reason}"));
}
