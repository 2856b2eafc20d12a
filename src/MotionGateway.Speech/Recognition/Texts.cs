using System.Buffers;
using System.Text;

namespace MotionGateway.Speech.Recognition;

/// <summary>Text where samples should be. Each kind needs its grammar's beginning, and then enough that is text.</summary>
internal static class Texts
{
    // Of random bytes, two of five are text: 24 in a row happen once in 10^9 chunks, after a beginning that is rarer still.
    private const int Enough = 24;
    private const int MaxKey = 64;
    private const int MaxBlank = 16;

    private static readonly string[] Markup =
        ["!doctype", "html", "head", "body", "title", "?xml", "speak", "error", "response", "message", "soap", "s:envelope"];

    private static readonly SearchValues<byte> Lower = SearchValues.Create("abcdefghijklmnopqrstuvwxyz"u8);

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> Blank => " \t\r\n"u8;

    public static bool MayBegin(byte first) => first is 0xEF or (byte)'{' or (byte)'[' or (byte)'<' or (byte)'d' || Blank.Contains(first);

    public static Match Match(ReadOnlySpan<byte> bytes, bool isEnd, out Finding? finding)
    {
        finding = null;
        var text = bytes;
        if (!text.IsEmpty && text[0] == Mark[0])
        {
            if (!text.StartsWith(Mark))
            {
                return text.Length < Mark.Length && Mark.StartsWith(text) ? Recognition.Match.Perhaps : Recognition.Match.No;
            }

            text = text[Mark.Length..];
        }

        int blank = SkipBlank(ref text);
        if (text.IsEmpty || blank > MaxBlank)
        {
            return blank > MaxBlank ? Recognition.Match.No : Recognition.Match.Perhaps;
        }

        (finding, var match) = text[0] switch
        {
            (byte)'{' => (Finding.Json, MatchObject(text[1..])),
            (byte)'[' => (Finding.Json, MatchArray(text[1..])),
            (byte)'<' => (Finding.Markup, MatchMarkup(text[1..])),
            (byte)'d' => MatchData(text),
            _ => (Finding.Json, Recognition.Match.No),
        };
        return match == Recognition.Match.Yes && ReferenceEquals(finding, Finding.DataUrl) ? match : Confirm(match, text, isEnd);
    }

    private static Match Confirm(Match match, ReadOnlySpan<byte> text, bool isEnd)
    {
        if (match == Recognition.Match.No || !IsText(text[..Math.Min(text.Length, Enough)]))
        {
            return Recognition.Match.No;
        }

        return match == Recognition.Match.Yes && text.Length < Enough && !isEnd ? Recognition.Match.Perhaps : match;
    }

    // A first member: its name in quotes, and the colon.
    private static Match MatchObject(ReadOnlySpan<byte> text)
    {
        if (SkipBlank(ref text) > MaxBlank)
        {
            return Recognition.Match.No;
        }

        if (text.IsEmpty)
        {
            return Recognition.Match.Perhaps;
        }

        if (text[0] != '"')
        {
            return Recognition.Match.No;
        }

        text = text[1..];
        int end = text[..Math.Min(text.Length, MaxKey)].IndexOf((byte)'"');
        if (end < 0)
        {
            return text.Length < MaxKey ? Recognition.Match.Perhaps : Recognition.Match.No;
        }

        text = text[(end + 1)..];
        if (end == 0 || SkipBlank(ref text) > MaxBlank)
        {
            return Recognition.Match.No;
        }

        return text.IsEmpty ? Recognition.Match.Perhaps : text[0] == ':' ? Recognition.Match.Yes : Recognition.Match.No;
    }

    private static Match MatchArray(ReadOnlySpan<byte> text)
    {
        if (SkipBlank(ref text) > MaxBlank)
        {
            return Recognition.Match.No;
        }

        return text.IsEmpty ? Recognition.Match.Perhaps : text[0] == '{' ? MatchObject(text[1..]) : Recognition.Match.No;
    }

    // Only what answers begin with: a loud wave of one-byte samples may write an element of another name.
    private static Match MatchMarkup(ReadOnlySpan<byte> text)
    {
        var best = Recognition.Match.No;
        foreach (var beginning in Markup)
        {
            int length = Math.Min(beginning.Length, text.Length);
            if (Ascii.EqualsIgnoreCase(text[..length], beginning.AsSpan(0, length)))
            {
                best = length == beginning.Length ? Recognition.Match.Yes : Recognition.Match.Perhaps;
            }

            if (best == Recognition.Match.Yes)
            {
                break;
            }
        }

        return best;
    }

    // A data: URL up to the slash of its media type, or a server-sent event that holds JSON.
    private static (Finding Finding, Match Match) MatchData(ReadOnlySpan<byte> text)
    {
        var scheme = "data:"u8;
        if (!text.StartsWith(scheme))
        {
            return (Finding.DataUrl, text.Length < scheme.Length && scheme.StartsWith(text) ? Recognition.Match.Perhaps : Recognition.Match.No);
        }

        text = text[scheme.Length..];
        if (text.IsEmpty)
        {
            return (Finding.DataUrl, Recognition.Match.Perhaps);
        }

        if (text[0] is (byte)' ' or (byte)'{')
        {
            SkipBlank(ref text);
            return (Finding.Events, text.IsEmpty ? Recognition.Match.Perhaps : text[0] == '{' ? MatchObject(text[1..]) : Recognition.Match.No);
        }

        int type = text.IndexOfAnyExcept(Lower);
        if (type < 0)
        {
            return (Finding.DataUrl, text.Length < MaxBlank ? Recognition.Match.Perhaps : Recognition.Match.No);
        }

        return (Finding.DataUrl, type >= 4 && text[type] == '/' ? Recognition.Match.Yes : Recognition.Match.No);
    }

    private static int SkipBlank(ref ReadOnlySpan<byte> text)
    {
        int blank = text.IndexOfAnyExcept(Blank);
        blank = blank < 0 ? text.Length : blank;
        text = text[blank..];
        return blank;
    }

    private static bool IsText(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out int length);
            if (status == OperationStatus.NeedMoreData)
            {
                return true;
            }

            if (status != OperationStatus.Done || rune.Value == 0x7F || (rune.Value < ' ' && !Blank.Contains((byte)rune.Value)))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }
}
