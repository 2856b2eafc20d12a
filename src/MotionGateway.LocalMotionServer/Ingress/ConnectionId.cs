using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace MotionGateway.LocalMotion.Ingress;

/// <summary>Connection ids in the service's form: the UTC time to the second and twelve URL-safe random characters.</summary>
internal static class ConnectionId
{
    public static string New(TimeProvider timeProvider) => string.Create(
        CultureInfo.InvariantCulture,
        $"{timeProvider.GetUtcNow():yyyyMMddHHmmss}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9))}");
}
