using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Collections;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>
/// Knows the secrets that have gone by, and overwrites them in what is recorded. A secret is replaced by as many asterisks, so that
/// lengths within binary messages stay true.
/// </summary>
internal sealed partial class SecretMask
{
    // More than anybody uses within one recording; beyond it the one longest unused is forgotten.
    private const int MaxSecrets = 256;

    // A shorter one could be part of anything by chance.
    private const int ShortestSought = 8;

    private static readonly HashSet<string> SecretWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "key", "keys", "apikey", "appkey", "accesskey", "authkey", "privatekey", "secretkey", "secret", "secrets", "apisecret", "appsecret", "clientsecret",
        "token", "tokens", "accesstoken", "apitoken", "authtoken", "idtoken", "refreshtoken", "sessiontoken", "password", "passwd", "passphrase", "pwd",
        "credential", "credentials", "auth", "authentication", "authorization", "bearer", "jwt", "signature",
    };

    private readonly Lock _gate = new();
    private readonly List<string> _secrets = [];
    private byte[][] _forms = [];

    /// <summary>Remembers a secret of 8 bytes or more, also as it looks in a URL, in JSON and in base64.</summary>
    public void Learn(string? secret)
    {
        if (secret is null || Encoding.UTF8.GetByteCount(secret) < ShortestSought)
        {
            return;
        }

        lock (_gate)
        {
            bool known = _secrets.Remove(secret);
            _secrets.Add(secret);
            if (known)
            {
                return;
            }

            if (_secrets.Count > MaxSecrets)
            {
                _secrets.RemoveAt(0);
            }

            // The longest first: one secret may hold another.
            _forms = [.. _secrets.SelectMany(FormsOf).Distinct(StringComparer.Ordinal).OrderByDescending(form => form.Length).Select(Encoding.UTF8.GetBytes)];
        }
    }

    /// <summary>Text without the secrets.</summary>
    public string Mask(string text) => Encoding.UTF8.GetString(Mask(Encoding.UTF8.GetBytes(text)));

    /// <summary>A body or text frame without the secrets.</summary>
    public byte[] MaskText(ReadOnlySpan<byte> text) => Mask(text);

    /// <summary>A protocol message without the secrets; what a configuration holds of them is learned first.</summary>
    /// <param name="bytes">The message as it came.</param>
    /// <param name="message">The same, parsed; null when it does not parse.</param>
    public byte[] MaskMessage(ReadOnlySpan<byte> bytes, Message? message)
    {
        switch (message)
        {
            case { ClientConfigureSession: { } configuration }:
                Learn(configuration);
                return Mask(message.ToByteArray());
            default:
                return Mask(bytes);
        }
    }

    private static IEnumerable<string> FormsOf(string secret)
    {
        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return JsonEncodedText.Encode(secret).Value;
        yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(secret));
    }

    private static string Stars(string secret) => new('*', Encoding.UTF8.GetByteCount(secret));

    private byte[] Mask(ReadOnlySpan<byte> bytes)
    {
        byte[] masked = bytes.ToArray();
        foreach (byte[] form in Volatile.Read(ref _forms))
        {
            Span<byte> rest = masked;
            for (int at = rest.IndexOf(form); at >= 0; at = rest.IndexOf(form))
            {
                rest.Slice(at, form.Length).Fill((byte)'*');
                rest = rest[(at + form.Length)..];
            }
        }

        return masked;
    }

    /// <summary>Learns a configuration's secrets and overwrites them by field, since short ones are not looked for.</summary>
    private void Learn(ClientConfigureSession configuration)
    {
        if (configuration.LivekitEgress is { } livekit)
        {
#pragma warning disable CS0612 // Deprecated fields of the protocol, which clients still send.
            livekit.ApiKey = Take(livekit.ApiKey);
            livekit.ApiSecret = Take(livekit.ApiSecret);
#pragma warning restore CS0612
            livekit.ApiToken = Take(livekit.ApiToken);
            livekit.Url = TakeFromUrl(livekit.Url);
            TakeNamed(livekit.ExtraAttributes);
        }

        if (configuration.AgoraEgress is { } agora)
        {
            agora.Token = Take(agora.Token);
        }

        TakeNamed(configuration.ExtraParams);
    }

    private string Take(string secret)
    {
        Learn(secret);
        return Stars(secret);
    }

    private void TakeNamed(MapField<string, string> values)
    {
        foreach (string name in values.Keys.Where(name => Words().Matches(name).Any(word => SecretWords.Contains(word.Value)) || SecretValue().IsMatch(values[name])).ToList())
        {
            values[name] = Take(values[name]);
        }
    }

    private string TakeFromUrl(string url) => UrlSecrets().Replace(url, part => Take(part.Value));

    // Of camelCase, PascalCase, snake_case and the like.
    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")]
    private static partial Regex Words();

    // The user, with or without a password, and the query.
    [GeneratedRegex(@"(?<=^[^:/?#]*://)[^/?#]+(?=@)|(?<=^[^?#]*\?)[^#]+")]
    private static partial Regex UrlSecrets();

    // A JSON Web Token.
    [GeneratedRegex("^eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]*$")]
    private static partial Regex SecretValue();
}
