using Concentus;

namespace MotionGateway.OggOpus.Codec;

/// <summary>What the managed encoder and decoder share: their failures, and that they stay managed.</summary>
internal static class ManagedCalls
{
    // Left to itself the package would look for native libraries of its own choice.
    static ManagedCalls() => OpusCodecFactory.AttemptToUseNativeLibrary = false;

    public static string Version { get; } = $"Concentus {typeof(OpusCodecFactory).Assembly.GetName().Version?.ToString(3)}";

    public static T Try<T>(string what, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (IsCodecFailure(e))
        {
            throw Failure(what, e);
        }
    }

    // A malformed packet shows in any of these.
    public static bool IsCodecFailure(Exception e) =>
        e is OpusException or ArgumentException or IndexOutOfRangeException or ArithmeticException or NullReferenceException;

    public static OggOpusException Failure(string what, Exception e) =>
        new(OggOpusError.CodecFailure, $"The managed Opus codec failed to {what}: {e.Message}");
}
