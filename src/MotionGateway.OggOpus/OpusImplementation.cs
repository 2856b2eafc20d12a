namespace MotionGateway.OggOpus;

/// <summary>Which code encodes and decodes Opus.</summary>
public enum OpusImplementation
{
    /// <summary>The native libopus of the machine.</summary>
    Libopus,

    /// <summary>Managed code, where libopus is not on the machine: the same streams at more processor time and memory.</summary>
    Managed,
}
