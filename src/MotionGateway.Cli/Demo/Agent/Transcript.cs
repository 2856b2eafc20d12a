using System.Text.Json;

namespace MotionGateway.Cli.Demo.Agent;

/// <summary>Who said what: the text of a viewer message of the kind <c>transcript</c>, as JSON.</summary>
/// <param name="Role"><c>viewer</c> or <c>avatar</c>.</param>
/// <param name="Text">What was said.</param>
/// <param name="TurnId">The turn in which the avatar says it; null for a viewer.</param>
internal sealed record Transcript(string Role, string Text, string? TurnId = null)
{
    /// <summary>Kind of the viewer message.</summary>
    public const string Kind = "transcript";

    /// <summary>The message's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
