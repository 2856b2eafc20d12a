using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using MotionGateway.Hosting;

namespace MotionGateway.Gateway;

/// <summary>Knows callers by their API keys.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Reloaded<ApiKeyRing> keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        return Task.FromResult(
            header.Length == 0 ? AuthenticateResult.NoResult()
            : Bearer.Read(header) is { } key && keys.Current.Find(key, TimeProvider.GetUtcNow()) is { } holder
                ? AuthenticateResult.Success(new AuthenticationTicket(holder, Scheme.Name))
                : AuthenticateResult.Fail("It is no API key that is taken."));
    }
}
