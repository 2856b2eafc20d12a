using MotionGateway.OggOpus.Codec;

namespace MotionGateway.OggOpus;

/// <summary>
/// The codec behind <see cref="OggOpusEncoder"/> and <see cref="OggOpusDecoder"/>: the machine's libopus, or managed code where there is
/// none. It is chosen once, for the life of the process; the environment variable <c>MOTIONGATEWAY_OPUS=managed</c> chooses the managed one.
/// </summary>
/// <remarks>
/// libopus is <c>apt-get install libopus0</c> on Debian and Ubuntu, <c>apk add opus</c> on Alpine, <c>brew install opus</c> on macOS;
/// on Windows opus.dll beside the program or on the PATH.
/// </remarks>
public static class OpusLibrary
{
    /// <summary>Which one is used.</summary>
    public static OpusImplementation Implementation => OpusCodec.Default.Implementation;

    /// <summary>What it calls itself, such as <c>libopus 1.3.1</c>.</summary>
    public static string Version => OpusCodec.Default.Version;
}
