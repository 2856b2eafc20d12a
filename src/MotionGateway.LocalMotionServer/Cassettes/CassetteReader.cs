using System.Text;
using System.Text.Json;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Reads a cassette, or the JSON form of a recording, whole into memory.</summary>
internal static class CassetteReader
{
    private static readonly JsonReaderOptions OneValue = new() { AllowMultipleValues = false };

    /// <exception cref="CassetteException">The file cannot be read or is wrong.</exception>
    public static Cassette Read(string path)
    {
        try
        {
            byte[] content = File.ReadAllBytes(path);
            return IsCassette(path, content) ? ReadLines(path, content) : RecordingImport.Read(path, content);
        }
        catch (Exception failure) when (failure is (IOException or UnauthorizedAccessException) and not CassetteException)
        {
            throw new CassetteException(path, null, $"cannot be read ({failure.Message}).", failure);
        }
    }

    /// <summary>Whether the first line alone is an object that names the format; if so, its version is checked.</summary>
    private static bool IsCassette(string path, byte[] content)
    {
        int end = Array.IndexOf(content, (byte)'\n');
        if (TryParse(content.AsSpan(0, end < 0 ? content.Length : end)) is not { Format: CassetteHeader.FormatName } header)
        {
            return false;
        }

        return header.Version == CassetteHeader.CurrentVersion ? true : throw new CassetteException(path, 1, FormattableString.Invariant(
            $"version {header.Version} of the format is not known here, only {CassetteHeader.CurrentVersion}; record it again, or use the release that wrote it."));
    }

    private static CassetteHeader? TryParse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line, OneValue);
            return JsonSerializer.Deserialize(ref reader, CassetteJson.Default.CassetteHeader);
        }
        catch (JsonException)
        {
            // Not one line of JSON: perhaps a recording that is spread over many.
            return null;
        }
    }

    private static Cassette ReadLines(string path, byte[] content)
    {
        var builder = new CassetteBuilder(path);
        int number = 2;
        for (int begin = Array.IndexOf(content, (byte)'\n') + 1; begin > 0 && begin < content.Length; number++)
        {
            int end = Array.IndexOf(content, (byte)'\n', begin);
            bool whole = end >= 0;
            end = whole ? end : content.Length;
            ReadOnlySpan<byte> line = content.AsSpan(begin, end - begin);
            if (!line.Trim(" \r\t"u8).IsEmpty)
            {
                builder.Add(number, Parse(path, number, line, whole));
            }

            begin = end + 1;
        }

        return builder.Build();
    }

    private static CassetteEntry Parse(string path, int number, ReadOnlySpan<byte> line, bool whole)
    {
        try
        {
            return JsonSerializer.Deserialize(line, CassetteJson.Default.CassetteEntry) ?? throw new CassetteException(path, number, "is null, not an entry.");
        }
        catch (JsonException) when (!whole)
        {
            throw new CassetteException(path, number, "the last line is cut off: the recording was stopped in mid-write. Remove that line to replay what comes before it.");
        }
        catch (JsonException failure) when (failure.Path == "$.data")
        {
            throw new CassetteException(path, number, "\"data\" is not base64; restore the line or remove it.", failure);
        }
        catch (JsonException failure)
        {
            throw new CassetteException(path, number, $"is not an entry of a cassette{Where(failure)}; restore the line or remove it.", failure);
        }
    }

    private static string Where(JsonException failure)
    {
        var text = new StringBuilder();
        if (failure.Path is { Length: > 2 } path)
        {
            text.Append(" (wrong value at ").Append(path.AsSpan(2)).Append(')');
        }
        else if (failure.BytePositionInLine is { } position)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" (not JSON from byte {position + 1} on)");
        }

        return text.ToString();
    }
}
