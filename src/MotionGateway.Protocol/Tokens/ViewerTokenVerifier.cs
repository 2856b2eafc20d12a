using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using MotionGateway.Feeds;

namespace MotionGateway.Protocol;

/// <summary>
/// Verifies viewer tokens offline, by the signer's public keys. Every token that never opened the session gets the same answer;
/// only the holder of one that did learns that it has expired. Thread-safe.
/// </summary>
public sealed class ViewerTokenVerifier
{
    internal const int MaxTokenLength = 4096;

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenLength };
    private readonly Dictionary<string, SecurityKey> _keys;
    private readonly TokenValidationParameters _parameters;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates a verifier.</summary>
    /// <param name="jwks">The signer's public keys, as a JSON Web Key Set.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="ArgumentException">The text is no JSON Web Key Set.</exception>
    public ViewerTokenVerifier(string jwks, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _timeProvider = timeProvider;
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
            // Whether it is over is asked last: an expired token is told apart only where all else is right.
            LifetimeValidator = static (_, expires, _, _) => expires is not null,
        };
    }

    /// <summary>Whether the verifier has the key that a token names. A token that names none it lacks may be of a newer key.</summary>
    /// <param name="token">The token.</param>
    public bool HasKeyOf(string token) => Read(token) is not { Kid: { Length: > 0 } keyId } || _keys.ContainsKey(keyId);

    /// <summary>Verifies a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="sessionId">The session asked for.</param>
    /// <param name="field">Where the token stood in the request.</param>
    /// <returns>Who the viewer is.</returns>
    /// <exception cref="GatewayException">
    /// VIEWER_TOKEN_EXPIRED: the token opened this session, and its time is over. VIEWER_TOKEN_INVALID: it does not open this session,
    /// whatever the cause.
    /// </exception>
    public async ValueTask<ViewerIdentity> VerifyAsync(string token, string sessionId, string field)
    {
        if (Read(token) is not { } jwt || !(await _handler.ValidateTokenAsync(jwt, _parameters)).IsValid
            || !jwt.TryGetPayloadValue(JwtRegisteredClaimNames.Sid, out string? session)
            || !string.Equals(session, sessionId, StringComparison.Ordinal)
            || string.IsNullOrEmpty(jwt.Subject))
        {
            throw ViewerTokens.Invalid(field);
        }

        var identity = new ViewerIdentity(jwt.Subject, sessionId, ReadPermissions(jwt), new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero))
        {
            ReaderId = jwt.TryGetPayloadValue(ViewerTokens.ReaderClaim, out string? readerId) ? readerId : null,
        };
        return _timeProvider.GetUtcNow() < identity.EndTime ? identity : throw ViewerTokens.Expired(field);
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
