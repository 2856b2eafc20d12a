using System.Buffers.Binary;

namespace MotionGateway.Speech.Formats;

/// <summary>Reads frames of one or two channels, cut anywhere, and mixes them down.</summary>
/// <param name="form">How a sample is stored.</param>
/// <param name="channels">1 or 2, interleaved.</param>
internal sealed class SampleReader(SampleForm form, int channels)
{
    // 16-bit PCM's full scale, to which every form is brought.
    private const float FullScale = 32768;

    private readonly byte[] _cut = new byte[FrameLengthOf(form, channels)];

    public SampleForm Form { get; } = form;

    public int Channels { get; } = channels;

    /// <summary>Bytes of a frame whose rest has not come.</summary>
    public int CutLength { get; private set; }

    public static int LengthOf(SampleForm form) => form switch
    {
        SampleForm.Unsigned8 or SampleForm.MuLaw or SampleForm.ALaw => 1,
        SampleForm.Signed16 => 2,
        SampleForm.Signed24 => 3,
        SampleForm.Float64 => 8,
        _ => 4,
    };

    public void Read(ReadOnlySpan<byte> bytes, SampleBuffer mono)
    {
        if (CutLength > 0)
        {
            int taken = Math.Min(_cut.Length - CutLength, bytes.Length);
            bytes[..taken].CopyTo(_cut.AsSpan(CutLength));
            CutLength += taken;
            bytes = bytes[taken..];
            if (CutLength < _cut.Length)
            {
                return;
            }

            ReadFrames(_cut, mono);
        }

        int whole = bytes.Length - (bytes.Length % _cut.Length);
        ReadFrames(bytes[..whole], mono);
        bytes[whole..].CopyTo(_cut);
        CutLength = bytes.Length - whole;
    }

    /// <summary>Forgets a frame whose rest will not come.</summary>
    /// <returns>Its bytes.</returns>
    public int DropCut()
    {
        int dropped = CutLength;
        CutLength = 0;
        return dropped;
    }

    private static int FrameLengthOf(SampleForm form, int channels) => LengthOf(form) * channels;

    private void ReadFrames(ReadOnlySpan<byte> bytes, SampleBuffer mono)
    {
        int length = LengthOf(Form);
        int frames = bytes.Length / _cut.Length;
        var samples = mono.Room(frames);
        if (Channels == 1)
        {
            for (int frame = 0; frame < frames; frame++)
            {
                samples[frame] = Sample(bytes[(frame * length)..]);
            }
        }
        else
        {
            for (int frame = 0; frame < frames; frame++)
            {
                var pair = bytes[(2 * frame * length)..];
                samples[frame] = (Sample(pair) + Sample(pair[length..])) / 2;
            }
        }

        mono.Advance(frames);
    }

    private float Sample(ReadOnlySpan<byte> bytes) => Form switch
    {
        SampleForm.Signed16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        SampleForm.Float32 => OfFloat(BinaryPrimitives.ReadSingleLittleEndian(bytes)),
        SampleForm.MuLaw => Companding.MuLaw[bytes[0]],
        SampleForm.ALaw => Companding.ALaw[bytes[0]],
        SampleForm.Unsigned8 => (bytes[0] - 128) * 256,
        SampleForm.Signed24 => (BinaryPrimitives.ReadUInt16LittleEndian(bytes) | ((sbyte)bytes[2] << 16)) / 256f,
        SampleForm.Signed32 => BinaryPrimitives.ReadInt32LittleEndian(bytes) / 65536f,
        _ => OfFloat((float)BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
    };

    private static float OfFloat(float value) => float.IsNaN(value) ? 0 : FullScale * Math.Clamp(value, -1, 1);
}
