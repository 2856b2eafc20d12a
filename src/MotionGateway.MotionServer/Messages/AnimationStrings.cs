using System.Text;

namespace MotionGateway.MotionServer;

/// <summary>Keeps the last ids of a connection, since one message after the other repeats them.</summary>
internal sealed class AnimationStrings
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private string _connectionId = "";
    private string _requestId = "";
    private string _avatarId = "";

    public string ConnectionId(ReadOnlySpan<byte> utf8) => Reuse(ref _connectionId, utf8);

    public string RequestId(ReadOnlySpan<byte> utf8) => Reuse(ref _requestId, utf8);

    public string AvatarId(ReadOnlySpan<byte> utf8) => Reuse(ref _avatarId, utf8);

    /// <exception cref="DecoderFallbackException">The bytes are not UTF-8.</exception>
    private static string Reuse(ref string last, ReadOnlySpan<byte> utf8)
    {
        if (!Ascii.Equals(utf8, last))
        {
            last = Strict.GetString(utf8);
        }

        return last;
    }
}
