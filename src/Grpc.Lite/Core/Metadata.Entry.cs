using System.Buffers;
using System.Text;

namespace Grpc.Core;

public sealed partial class Metadata
{
    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>One key with its value, a text or bytes.</summary>
    public class Entry
    {
        private readonly string? _value;
        private readonly byte[]? _valueBytes;

        /// <summary>Creates an entry with bytes.</summary>
        /// <param name="key">A key with the <c>-bin</c> suffix; it is lowered.</param>
        /// <param name="valueBytes">The bytes, which are copied.</param>
        /// <exception cref="ArgumentException">The key has a character that it must not have, or not the suffix.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            Key = Normalize(key);
            if (!Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal))
            {
                throw new ArgumentException($"The key of a binary entry needs the suffix '{BinaryHeaderSuffix}'.", nameof(key));
            }

            _valueBytes = valueBytes.AsSpan().ToArray();
        }

        /// <summary>Creates an entry with a text.</summary>
        /// <param name="key">A key without the <c>-bin</c> suffix; it is lowered.</param>
        /// <param name="value">The text, in ASCII.</param>
        /// <exception cref="ArgumentException">The key has a character that it must not have, or the suffix.</exception>
        public Entry(string key, string value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Key = Normalize(key);
            if (Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal))
            {
                throw new ArgumentException($"The key of a text entry must not have the suffix '{BinaryHeaderSuffix}'.", nameof(key));
            }

            _value = value;
        }

        /// <summary>The key, in lower case.</summary>
        public string Key { get; }

        /// <summary>The bytes (a copy), or the text as ASCII.</summary>
        public byte[] ValueBytes => _valueBytes?.AsSpan().ToArray() ?? Encoding.ASCII.GetBytes(_value!);

        /// <summary>The text.</summary>
        /// <exception cref="InvalidOperationException">The value is bytes.</exception>
        public string Value => _value ?? throw new InvalidOperationException("Cannot access string value of a binary metadata entry");

        /// <summary>Whether the value is bytes.</summary>
        public bool IsBinary => _value is null;

        /// <summary>The value as it travels in a header: bytes in base64.</summary>
        internal string HeaderValue => _value ?? Convert.ToBase64String(_valueBytes!);

        /// <inheritdoc/>
        public override string ToString() => IsBinary
            ? $"[Entry: key={Key}, valueBytes={_valueBytes}]"
            : $"[Entry: key={Key}, value={_value}]";

        internal bool HasKey(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);

        private static string Normalize(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            return key.AsSpan().ContainsAnyExcept(KeyCharacters)
                ? throw new ArgumentException("A metadata key has only letters, digits, underscores, hyphens and dots.", nameof(key))
                : key.ToLowerInvariant();
        }
    }
}
