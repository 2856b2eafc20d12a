using System.Globalization;
using System.Security.Cryptography;

namespace MotionGateway.MotionServer;

/// <summary>Makes ids for requests, in the form that the Motion Server's own SDKs use.</summary>
public static class RequestIds
{
    private const int RandomLength = 12;
    private const string UrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>Creates an id: <c>yyyyMMddHHmmss_</c> in UTC and 12 random URL-safe characters (72 bits).</summary>
    /// <param name="timeProvider">The clock; null is the system's.</param>
    public static string Create(TimeProvider? timeProvider = null)
    {
        DateTimeOffset now = (timeProvider ?? TimeProvider.System).GetUtcNow();
        return $"{now.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}_{RandomNumberGenerator.GetString(UrlSafe, RandomLength)}";
    }
}
