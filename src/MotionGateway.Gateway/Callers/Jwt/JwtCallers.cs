using System.Collections.Frozen;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using MotionGateway.Hosting;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway;

/// <summary>Knows callers by JSON Web Tokens.</summary>
internal static class JwtCallers
{
    private const int MaxSubjectLength = 128;

    // Whoever has a public key could sign with it by the others.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Sets up ASP.NET Core's handler.</summary>
    public static void Configure(JwtBearerOptions bearer, JwtCallerOptions options, Reloaded<JwtKeys> keys, CallerLimits limits)
    {
        bearer.MapInboundClaims = false;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = Algorithms,
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ClockSkew = options.ClockSkew,
        };
        if (options.JwksUrl is { } address)
        {
            bearer.ConfigurationManager = JwksRetriever.CreateManager(address, options.JwksRefreshInterval);
        }
        else
        {
            bearer.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, keyId, _) => keys.Current.Keys.Where(
                key => string.IsNullOrEmpty(keyId) || string.IsNullOrEmpty(key.KeyId) || key.KeyId == keyId);
        }

        bearer.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                Accept(context, options, limits);
                return Task.CompletedTask;
            },
        };
    }

    private static void Accept(TokenValidatedContext context, JwtCallerOptions options, CallerLimits limits)
    {
        var token = (JsonWebToken)context.SecurityToken;
        if (token.Subject is not { Length: > 0 and <= MaxSubjectLength } subject || subject.Any(char.IsControl))
        {
            context.Fail("The token's sub names no caller.");
            return;
        }

        // One that names no app is bound to none: only a token without the claim is for all.
        bool isBound = token.TryGetPayloadValue(options.AppClaim, out object? _);
        var caller = new Caller(
            $"jwt:{subject}", Scopes.ToRights(Values(options.ScopeClaim).SelectMany(value => value.Split(' '))),
            isBound ? Values(options.AppClaim).ToFrozenSet(StringComparer.OrdinalIgnoreCase) : null);
        context.Principal = new CallerPrincipal(caller, limits);

        IEnumerable<string> Values(string claim) => context.Principal!.FindAll(claim).Select(found => found.Value);
    }
}
