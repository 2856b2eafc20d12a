using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MotionGateway.Protocol;

/// <summary>
/// Verifies viewer tokens offline, by the signer's public keys. Every token that does not open the session gets the same
/// answer, null, told to the viewer as <see cref="ViewerTokens.InvalidMessage"/>. Thread-safe.
/// </summary>
public sealed class ViewerTokenVerifier
{
    private const int MaxTokenLength = 4096;
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenLength };
    private readonly Dictionary<string, SecurityKey> _keys;
    private readonly TokenValidationParameters _parameters;

    /// <summary>Creates a verifier.</summary>
    /// <param name="jwks">The signer's public keys, as a JSON Web Key Set.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="ArgumentException">The text is no JSON Web Key Set.</exception>
    public ViewerTokenVerifier(string jwks, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _keys = new JsonWebKeySet(jwks).Keys
            .Where(key => !string.IsNullOrEmpty(key.Kid))
            .ToDictionary(key => key.Kid, SecurityKey (key) => key, StringComparer.Ordinal);
        _parameters = new TokenValidationParameters
        {
            ValidAlgorithms = [ViewerTokens.Algorithm],
            ValidIssuer = ViewerTokens.Issuer,
            ValidAudience = ViewerTokens.Audience,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            IssuerSigningKeyResolver = (_, _, keyId, _) =>
                keyId is not null && _keys.TryGetValue(keyId, out var key) ? [key] : [],
            TryAllIssuerSigningKeys = false,
            LifetimeValidator = (_, expires, _, _) =>
                expires is { } time && timeProvider.GetUtcNow().UtcDateTime < time + ClockSkew,
        };
    }

    /// <summary>Whether the verifier has the key that a token names. A token that names none it lacks may be of a newer key.</summary>
    /// <param name="token">The token.</param>
    public bool HasKeyOf(string token) => Read(token) is not { Kid: { Length: > 0 } keyId } || _keys.ContainsKey(keyId);

    /// <summary>Verifies a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="sessionId">The session asked for.</param>
    /// <returns>Who the viewer is; null when the token does not open this session, whatever the cause.</returns>
    public async ValueTask<ViewerIdentity?> VerifyAsync(string token, string sessionId)
    {
        if (Read(token) is not { } jwt)
        {
            return null;
        }

        var result = await _handler.ValidateTokenAsync(jwt, _parameters);
        return result.IsValid
            && jwt.TryGetPayloadValue(JwtRegisteredClaimNames.Sid, out string? session)
            && string.Equals(session, sessionId, StringComparison.Ordinal)
            && !string.IsNullOrEmpty(jwt.Subject)
                ? new ViewerIdentity(jwt.Subject, sessionId, ReadPermissions(jwt), new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero))
                : null;
    }

    private JsonWebToken? Read(string token)
    {
        if (string.IsNullOrEmpty(token) || token.Length > MaxTokenLength)
        {
            return null;
        }

        try
        {
            return _handler.ReadJsonWebToken(token);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or SecurityTokenException)
        {
            return null;
        }
    }

    private static ViewerPermissions ReadPermissions(JsonWebToken jwt)
    {
        var permissions = ViewerPermissions.None;
        if (!jwt.TryGetPayloadValue(ViewerTokens.PermissionsClaim, out string[]? names) || names is null)
        {
            return permissions;
        }

        foreach (string name in names)
        {
            permissions |= name switch
            {
                ViewerTokens.InterruptPermission => ViewerPermissions.Interrupt,
                ViewerTokens.TalkPermission => ViewerPermissions.Talk,
                _ => ViewerPermissions.None,
            };
        }

        return permissions;
    }
}
