using System.Text.Json;

namespace MotionGateway.MotionServer;

/// <summary>The names of codes, phases and retry classes in logs, metrics and other programs; they do not change.</summary>
public static class MotionServerNames
{
    /// <summary>The code's name in camel case, such as <c>sessionTokenExpired</c>.</summary>
    /// <param name="code">The code.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a code of this version.</exception>
    public static string ToStableName(this MotionServerErrorCode code) =>
        JsonNamingPolicy.CamelCase.ConvertName(NameOf(code)).Replace("appId", "appID", StringComparison.Ordinal);

    /// <summary>The phase's name in snake case, such as <c>websocket_connect</c>.</summary>
    /// <param name="phase">The phase.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a phase of this version.</exception>
    public static string ToStableName(this MotionServerPhase phase) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(NameOf(phase)).Replace("web_socket", "websocket", StringComparison.Ordinal);

    /// <summary>The retry class's name in snake case, such as <c>fresh_token</c>.</summary>
    /// <param name="retry">The class.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a class of this version.</exception>
    public static string ToStableName(this MotionServerRetry retry) => JsonNamingPolicy.SnakeCaseLower.ConvertName(NameOf(retry));

    private static string NameOf<T>(T value)
        where T : struct, Enum => Enum.GetName(value) ?? throw new ArgumentOutOfRangeException(nameof(value), value, $"Not a {typeof(T).Name}.");
}
