using System.Buffers.Binary;

namespace MotionGateway.Speech.Formats;

/// <summary>What the fmt chunk of a WAV file says.</summary>
/// <param name="Form">How a sample is stored.</param>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Channels">1 or 2.</param>
internal readonly record struct WavHeader(SampleForm Form, int SampleRate, int Channels)
{
    public const int MinLength = 16;

    /// <summary>Bytes that are read of a chunk; those after are for codecs that are not taken.</summary>
    public const int MaxLength = 40;

    private const int Pcm = 1;
    private const int Float = 3;
    private const int ALaw = 6;
    private const int MuLaw = 7;
    private const int Extensible = 0xFFFE;
    private const int SubFormat = 24;

    /// <exception cref="SpeechFormatException">It is broken or of a kind that is not taken.</exception>
    public static WavHeader Parse(ReadOnlySpan<byte> chunk)
    {
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        int frame = BinaryPrimitives.ReadUInt16LittleEndian(chunk[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (tag == Extensible && chunk.Length == MaxLength)
        {
            tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk[SubFormat..]);
        }

        SampleForm? form = (tag, bits) switch
        {
            (Pcm, 8) => SampleForm.Unsigned8,
            (Pcm, 16) => SampleForm.Signed16,
            (Pcm, 24) => SampleForm.Signed24,
            (Pcm, 32) => SampleForm.Signed32,
            (Float, 32) => SampleForm.Float32,
            (Float, 64) => SampleForm.Float64,
            (ALaw, 8) => SampleForm.ALaw,
            (MuLaw, 8) => SampleForm.MuLaw,
            _ => null,
        };
        if (form is not { } known)
        {
            throw Unsupported($"WAV audio of format 0x{tag:X4} with {bits} bits");
        }

        if (channels is not (1 or 2))
        {
            throw Unsupported($"WAV audio of {channels} channels");
        }

        if (rate is < SpeechFormat.MinSampleRate or > SpeechFormat.MaxSampleRate)
        {
            throw Unsupported($"WAV audio at {rate} Hz");
        }

        return frame == channels * SampleReader.LengthOf(known)
            ? new(known, (int)rate, channels)
            : throw new SpeechFormatException(
                SpeechFault.Malformed, $"a WAV header whose frames of {frame} bytes do not fit {channels} channels of {bits} bits", "Write the header anew.");
    }

    private static SpeechFormatException Unsupported(string found) => new(
        SpeechFault.Unsupported, found,
        "Send PCM of 8 to 32 bits, float, μ-law or A-law, one or two channels, 8000 to 48000 Hz: `sox in.wav -b 16 -e signed-integer -c 1 -r 24000 out.wav`.");
}
