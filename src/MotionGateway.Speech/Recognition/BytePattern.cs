using System.Globalization;

namespace MotionGateway.Speech.Recognition;

/// <summary>Bytes at the start of something, each within a range.</summary>
/// <remarks>Written as one word a byte: <c>4F</c>, a range <c>00-1F</c>, or <c>??</c> for any.</remarks>
internal sealed class BytePattern
{
    private readonly (byte Low, byte High)[] _bytes;

    public BytePattern(Finding finding, string pattern)
    {
        Finding = finding;
        _bytes = [.. pattern.Split(' ').Select(Parse)];
    }

    public Finding Finding { get; }

    public (byte Low, byte High) First => _bytes[0];

    public Match Match(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, _bytes.Length);
        for (int index = 0; index < length; index++)
        {
            if (bytes[index] < _bytes[index].Low || bytes[index] > _bytes[index].High)
            {
                return Recognition.Match.No;
            }
        }

        return length == _bytes.Length ? Recognition.Match.Yes : Recognition.Match.Perhaps;
    }

    private static (byte Low, byte High) Parse(string word)
    {
        if (word == "??")
        {
            return (byte.MinValue, byte.MaxValue);
        }

        var bounds = word.Split('-');
        return (Hex(bounds[0]), Hex(bounds[^1]));
    }

    private static byte Hex(string text) => byte.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
