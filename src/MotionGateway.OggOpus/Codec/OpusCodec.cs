using MotionGateway.OggOpus.Native;

namespace MotionGateway.OggOpus.Codec;

/// <summary>Opens encoders and decoders of one implementation.</summary>
internal sealed class OpusCodec
{
    /// <summary>What libopus recommends as room for one packet; it never needs more.</summary>
    public const int MaxPacket = 4000;

    /// <summary>The variable that chooses the managed implementation, by the value <c>managed</c>, although libopus is there.</summary>
    public const string Variable = "MOTIONGATEWAY_OPUS";

    private static readonly Lazy<OpusCodec> Chosen = new(() => Choose(Environment.GetEnvironmentVariable(Variable), OpusLibraryLoader.Default));

    private OpusCodec(OpusImplementation implementation) => Implementation = implementation;

    /// <summary>libopus where it is there, else the managed one.</summary>
    public static OpusCodec Default => Chosen.Value;

    public static OpusCodec Managed { get; } = new(OpusImplementation.Managed);

    public OpusImplementation Implementation { get; }

    /// <summary>What the implementation calls itself.</summary>
    public string Version => Implementation == OpusImplementation.Libopus ? OpusNative.Version : ManagedEncoder.Version;

    /// <summary>The implementation that is used with a value of the variable and a library.</summary>
    public static OpusCodec Choose(string? variable, OpusLibraryLoader library) =>
        string.Equals(variable, "managed", StringComparison.OrdinalIgnoreCase) || !library.IsAvailable ? Managed : new(OpusImplementation.Libopus);

    /// <exception cref="OggOpusException">The codec refused.</exception>
    public IFrameEncoder OpenEncoder(OggOpusEncoderOptions options) =>
        Implementation == OpusImplementation.Libopus ? new NativeEncoder(options) : new ManagedEncoder(options);

    /// <exception cref="OggOpusException">The codec refused.</exception>
    public IPacketDecoder OpenDecoder(int sampleRate) =>
        Implementation == OpusImplementation.Libopus ? new NativeDecoder(sampleRate) : new ManagedDecoder(sampleRate);
}
