namespace MotionGateway.Speech.Recognition;

/// <summary>Base64, of either alphabet and in lines too: enough of it, as varied as it is and samples are not.</summary>
internal static class Base64Text
{
    // A wave of one-byte samples stays within the alphabet for a while, too; but it goes through it in order.
    private const int Enough = 96;
    private const int EarlyLook = 24;
    private const int MinEarlyDistinct = 8;
    private const int MinDistinct = 20;
    private const int MinChanges = 24;

    // Of RIFF, OggS, ID3 and fLaC; what follows is as uniform as headers are.
    private static readonly byte[][] Headers = [[.. "UklGR"u8], [.. "T2dnUwAC"u8], [.. "SUQz"u8], [.. "ZkxhQ"u8]];

    public static bool MayBegin(byte first) => ClassOf(first) is not (Class.None or Class.Break);

    public static Match Match(ReadOnlySpan<byte> bytes)
    {
        // Encoded silence is a row of A, which tells nothing.
        int start = bytes.IndexOfAnyExcept((byte)'A');
        if (start < 0)
        {
            return Recognition.Match.Perhaps;
        }

        var tally = new Tally();
        foreach (byte value in bytes[start..])
        {
            var kind = ClassOf(value);
            if (kind == Class.None)
            {
                return Recognition.Match.No;
            }

            if (kind != Class.Break)
            {
                tally.Add(value, kind);
            }

            if (tally.Count == EarlyLook && BeginsHeader(bytes))
            {
                return Recognition.Match.Yes;
            }

            if (tally.Count == EarlyLook && (tally.Distinct < MinEarlyDistinct || !tally.HasBothCases))
            {
                return Recognition.Match.No;
            }

            if (tally.Count == Enough)
            {
                bool isVaried = tally is { HasBothCases: true, HasOther: true, Distinct: >= MinDistinct, Changes: >= MinChanges };
                return isVaried ? Recognition.Match.Yes : Recognition.Match.No;
            }
        }

        return Recognition.Match.Perhaps;
    }

    private static bool BeginsHeader(ReadOnlySpan<byte> bytes)
    {
        foreach (var header in Headers)
        {
            if (bytes.StartsWith(header))
            {
                return true;
            }
        }

        return false;
    }

    private static Class ClassOf(byte value) => value switch
    {
        >= (byte)'A' and <= (byte)'Z' => Class.Upper,
        >= (byte)'a' and <= (byte)'z' => Class.Lower,
        >= (byte)'0' and <= (byte)'9' or (byte)'+' or (byte)'/' or (byte)'-' or (byte)'_' or (byte)'=' => Class.Other,
        (byte)'\r' or (byte)'\n' => Class.Break,
        _ => Class.None,
    };

    private enum Class
    {
        None,
        Upper,
        Lower,
        Other,
        Break,
    }

    private struct Tally
    {
        private UInt128 _seen;
        private int _classes;
        private Class _last;

        public int Count { get; private set; }

        public int Changes { get; private set; }

        public readonly int Distinct => (int)UInt128.PopCount(_seen);

        public readonly bool HasBothCases => (_classes & ((1 << (int)Class.Upper) | (1 << (int)Class.Lower))) == ((1 << (int)Class.Upper) | (1 << (int)Class.Lower));

        public readonly bool HasOther => (_classes & (1 << (int)Class.Other)) != 0;

        public void Add(byte value, Class kind)
        {
            Count++;
            Changes += kind == _last ? 0 : 1;
            _seen |= UInt128.One << value;
            _classes |= 1 << (int)kind;
            _last = kind;
        }
    }
}
