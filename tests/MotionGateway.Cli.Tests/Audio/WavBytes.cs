namespace MotionGateway.Cli.Tests.Audio;

/// <summary>Writes WAV files, right ones and wrong ones.</summary>
internal sealed record WavBytes
{
    public ushort Encoding { get; init; } = 1;

    public ushort Channels { get; init; } = 1;

    public uint Rate { get; init; } = 16000;

    public ushort Bits { get; init; } = 16;

    public byte[] Samples { get; init; } = [1, 2, 3, 4];

    public uint? DeclaredBytes { get; init; }

    public byte[] ChunkBefore { get; init; } = [];

    public byte[] ChunkAfter { get; init; } = [];

    public bool IsExtensible { get; init; }

    public byte[] ToArray()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("RIFF"u8);
        writer.Write(0);
        writer.Write("WAVE"u8);
        WriteChunk(writer, "LIST", ChunkBefore);
        WriteFormat(writer);
        writer.Write("data"u8);
        writer.Write(DeclaredBytes ?? (uint)Samples.Length);
        writer.Write(Samples);
        WriteChunk(writer, "LIST", ChunkAfter);
        return stream.ToArray();
    }

    private static void WriteChunk(BinaryWriter writer, string id, byte[] content)
    {
        if (content.Length > 0)
        {
            writer.Write(System.Text.Encoding.ASCII.GetBytes(id));
            writer.Write(content.Length);
            writer.Write(content);
            writer.Write(new byte[content.Length % 2]);
        }
    }

    private void WriteFormat(BinaryWriter writer)
    {
        writer.Write("fmt "u8);
        writer.Write(IsExtensible ? 40 : 16);
        writer.Write(IsExtensible ? (ushort)0xFFFE : Encoding);
        writer.Write(Channels);
        writer.Write(Rate);
        writer.Write(Rate * Channels * Bits / 8);
        writer.Write((ushort)(Channels * Bits / 8));
        writer.Write(Bits);
        if (IsExtensible)
        {
            writer.Write((ushort)22);
            writer.Write(Bits);
            writer.Write(4);
            writer.Write(Encoding);
            writer.Write(new byte[14]);
        }
    }
}
