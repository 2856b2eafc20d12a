using System.Globalization;
using System.Text;
using Grpc.Core;

namespace Grpc;

/// <summary>Converts metadata and status from and to header values.</summary>
internal static class MetadataHeaders
{
    /// <summary>Adds a received header; values of binary headers may be joined by commas and lack their padding.</summary>
    /// <exception cref="RpcException">A binary header is not base64: INTERNAL.</exception>
    public static void AddHeader(this Metadata metadata, string name, string value)
    {
        if (!name.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase))
        {
            metadata.Add(name, value);
            return;
        }

        foreach (var part in value.Split(','))
        {
            metadata.Add(name, DecodeBase64(name, part.Trim()));
        }
    }

    /// <summary>Encodes a status text: UTF-8, percent-encoded wherever it is not printable ASCII.</summary>
    public static string EncodeMessage(string message)
    {
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%'))
        {
            return message;
        }

        var encoded = new StringBuilder(message.Length * 2);
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            if (octet is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <summary>Decodes a status text; what is not a valid escape stays as it is.</summary>
    public static string DecodeMessage(string? message) => string.IsNullOrEmpty(message) ? "" : Uri.UnescapeDataString(message);

    private static byte[] DecodeBase64(string name, string value)
    {
        try
        {
            return Convert.FromBase64String((value.Length % 4) switch
            {
                2 => value + "==",
                3 => value + "=",
                _ => value,
            });
        }
        catch (FormatException exception)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The header '{name}' is not base64.", exception));
        }
    }
}
