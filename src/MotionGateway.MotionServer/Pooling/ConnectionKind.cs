using System.Globalization;

namespace MotionGateway.MotionServer;

/// <summary>What makes two connections interchangeable before they are used.</summary>
internal readonly record struct ConnectionKind(string AvatarId, MotionAudioFormat Audio, string ExtraParameters)
{
    public static ConnectionKind Of(MotionConnectionOptions options) => new(
        options.AvatarId,
        options.Audio,
        // With lengths, so that no two different sets read the same.
        string.Concat(options.ExtraParameters
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => string.Create(
                CultureInfo.InvariantCulture, $"{parameter.Key.Length}:{parameter.Key}{parameter.Value.Length}:{parameter.Value}"))));
}
