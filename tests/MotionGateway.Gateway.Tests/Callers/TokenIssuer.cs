using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MotionGateway.Gateway.Tests;

/// <summary>Issues tokens for callers, as an identity provider does.</summary>
internal sealed class TokenIssuer : IDisposable
{
    public const string Name = "https://issuer.example";
    public const string Audience = "gateway";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _keyId = Guid.NewGuid().ToString("N");

    public string PublicPem => _key.ExportSubjectPublicKeyInfoPem();

    public string Jwks
    {
        get
        {
            var parameters = _key.ExportParameters(includePrivateParameters: false);
            return $$"""
                {"keys":[{"kty":"EC","use":"sig","alg":"ES256","crv":"P-256","kid":"{{_keyId}}",
                "x":"{{Base64UrlEncoder.Encode(parameters.Q.X)}}","y":"{{Base64UrlEncoder.Encode(parameters.Q.Y)}}"}]}
                """;
        }
    }

    /// <summary>Issues a token.</summary>
    /// <param name="claims">Its claims beside issuer, audience and end.</param>
    /// <param name="configure">Changes it.</param>
    public string Issue(Dictionary<string, object> claims, Action<SecurityTokenDescriptor>? configure = null)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = Audience,
            Claims = claims,
            Expires = DateTime.UtcNow.AddHours(1),
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(_key) { KeyId = _keyId }, SecurityAlgorithms.EcdsaSha256),
        };
        configure?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    public void Dispose() => _key.Dispose();
}
