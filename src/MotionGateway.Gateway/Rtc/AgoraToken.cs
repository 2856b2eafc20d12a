using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace MotionGateway.Gateway;

/// <summary>
/// Agora's tokens of version 007 (AccessToken2) for one channel: <c>007</c> and the base64 of a zlib stream, which holds a signature
/// and what it signs. Numbers are little-endian; texts begin with their length in 16 bits.
/// </summary>
internal static class AgoraToken
{
    private const string Version = "007";
    private const ushort RtcService = 1;

    private const ushort JoinChannel = 1;
    private const ushort PublishAudio = 2;
    private const ushort PublishVideo = 3;
    private const ushort PublishData = 4;

    /// <summary>Makes a token for one channel and one user.</summary>
    /// <param name="credentials">The project.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="uid">The user's number in the channel; 0: any.</param>
    /// <param name="role">What it may do there.</param>
    /// <param name="issueTime">From when on it is good.</param>
    /// <param name="lifetime">How long it is good, and each of its privileges; whole seconds. Who is in the channel then must renew it.</param>
    /// <param name="salt">Makes tokens of the same second differ: 1 to 99,999,999.</param>
    public static string Create(
        AgoraCredentials credentials, string channel, uint uid, RoomRole role, DateTimeOffset issueTime, TimeSpan lifetime, uint salt)
    {
        uint issuedAt = (uint)issueTime.ToUnixTimeSeconds();
        uint seconds = (uint)lifetime.TotalSeconds;
        var signed = new ArrayBufferWriter<byte>();
        Write(signed, credentials.AppId);
        Write(signed, issuedAt);
        Write(signed, seconds);
        Write(signed, salt);
        Write(signed, (ushort)1);
        Write(signed, RtcService);
        ushort[] privileges = PrivilegesOf(role);
        Write(signed, (ushort)privileges.Length);
        foreach (ushort privilege in privileges)
        {
            Write(signed, privilege);
            Write(signed, seconds);
        }

        Write(signed, channel);
        Write(signed, uid == 0 ? "" : uid.ToString(CultureInfo.InvariantCulture));

        byte[] signature = HMACSHA256.HashData(KeyOf(credentials, issuedAt, salt), signed.WrittenSpan);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            Span<byte> length = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)signature.Length);
            zlib.Write(length);
            zlib.Write(signature);
            zlib.Write(signed.WrittenSpan);
        }

        return Version + Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }

    private static ushort[] PrivilegesOf(RoomRole role) => role switch
    {
        RoomRole.Publisher => [JoinChannel, PublishAudio, PublishVideo, PublishData],
        RoomRole.TalkingViewer => [JoinChannel, PublishAudio, PublishData],
        _ => [JoinChannel],
    };

    // The certificate signs nothing itself: its hash does, with the time and the salt as keys.
    private static byte[] KeyOf(AgoraCredentials credentials, uint issuedAt, uint salt)
    {
        byte[] byTime = HMACSHA256.HashData(ToBytes(issuedAt), Encoding.ASCII.GetBytes(credentials.AppCertificate));
        return HMACSHA256.HashData(ToBytes(salt), byTime);
    }

    private static byte[] ToBytes(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static void Write(ArrayBufferWriter<byte> to, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write(to, (ushort)bytes.Length);
        to.Write(bytes);
    }

    private static void Write(ArrayBufferWriter<byte> to, uint value) => to.Write(ToBytes(value));

    private static void Write(ArrayBufferWriter<byte> to, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to.GetSpan(sizeof(ushort)), value);
        to.Advance(sizeof(ushort));
    }
}
