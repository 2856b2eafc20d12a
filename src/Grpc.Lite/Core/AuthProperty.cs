using System.Text;

namespace Grpc.Core;

/// <summary>One property of an <see cref="AuthContext"/>.</summary>
public class AuthProperty
{
    private AuthProperty(string name, byte[] valueBytes)
    {
        Name = name;
        ValueBytes = valueBytes;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The value as text.</summary>
    public string Value => Encoding.UTF8.GetString(ValueBytes);

    /// <summary>The value.</summary>
    public byte[] ValueBytes { get; }

    /// <summary>Creates a property.</summary>
    /// <param name="name">The name.</param>
    /// <param name="valueBytes">The value.</param>
    public static AuthProperty Create(string name, byte[] valueBytes) => new(name, valueBytes);
}
