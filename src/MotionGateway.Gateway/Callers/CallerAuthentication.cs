using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Certificate;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using MotionGateway.Hosting;

namespace MotionGateway.Gateway;

/// <summary>Finds out who calls, by ASP.NET Core's authentication: one scheme for each kind of credential.</summary>
internal static class CallerAuthentication
{
    private const string Scheme = "caller";
    private const string ApiKeyScheme = "api-key";
    private const string JwtScheme = "jwt";
    private const string CertificateScheme = "certificate";

    /// <summary>Adds what the settings name.</summary>
    public static void AddCallers(this IServiceCollection services, CallersOptions options)
    {
        services.AddSingleton<CallerQuotas>();

        // Behind the interceptor that answers errors, whoever adds that.
        services.PostConfigure<GrpcServiceOptions>(grpc => grpc.Interceptors.Add<CallerInterceptor>());
        if (!options.IsConfigured)
        {
            return;
        }

        // Not AddAuthentication: it brings keys for cookies, which nobody here has, and keeps them on disk.
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = Scheme);
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, NoConfiguration>();
        var schemes = new AuthenticationBuilder(services)
            .AddPolicyScheme(Scheme, null, policy => policy.ForwardDefaultSelector = context => Choose(context, options));
        AddApiKeys(schemes, options);
        if (options.Jwt is { } jwt)
        {
            AddJwt(schemes, jwt, options.DefaultLimits);
        }

        if (options.Certificates is { } certificates)
        {
            AddCertificates(schemes, certificates, options.DefaultLimits);
        }
    }

    /// <summary>Knows each call's caller before the services are asked.</summary>
    public static void UseCallers(this WebApplication app, CallersOptions options)
    {
        if (!options.IsConfigured)
        {
            return;
        }

        // Read now: what cannot be read fails the start, and what changes from now on is seen.
        app.Services.GetRequiredService<Reloaded<ApiKeyRing>>();
        app.Services.GetService<Reloaded<JwtKeys>>();
        app.Services.GetService<Reloaded<CertificateAuthorities>>();
        app.UseAuthentication();
        app.Use((context, next) =>
        {
            context.Features.Set(CallerFeature.From(context.User, HasCredential(context, options)));
            return next(context);
        });
    }

    private static bool HasCredential(HttpContext context, CallersOptions options) =>
        context.Request.Headers.Authorization.Count > 0 || (options.Certificates is not null && context.Connection.ClientCertificate is not null);

    // What is neither a token nor a certificate is an API key, or nothing that is taken.
    private static string Choose(HttpContext context, CallersOptions options)
    {
        string header = context.Request.Headers.Authorization.ToString();
        return header.Length == 0 && options.Certificates is not null ? CertificateScheme
            : options.Jwt is not null && Bearer.Read(header) is { } token && !ApiKey.IsApiKey(token) ? JwtScheme
            : ApiKeyScheme;
    }

    private static void AddApiKeys(AuthenticationBuilder schemes, CallersOptions options)
    {
        schemes.Services.AddSingleton(provider => new Reloaded<ApiKeyRing>(
            "Gateway:Callers:ApiKeysFile", options.ApiKeysFile is { } path ? [path] : [], () => ApiKeyRing.Read(options),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ApiKeyRing>>()));
        schemes.AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyScheme, null);
    }

    private static void AddJwt(AuthenticationBuilder schemes, JwtCallerOptions options, CallerLimits limits)
    {
        schemes.Services.AddSingleton(provider => new Reloaded<JwtKeys>(
            "Gateway:Callers:Jwt", JwtKeys.FilesOf(options), () => JwtKeys.Read(options),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<JwtKeys>>()));
        schemes.AddJwtBearer(JwtScheme);
        schemes.Services.AddOptions<JwtBearerOptions>(JwtScheme)
            .Configure<Reloaded<JwtKeys>>((bearer, keys) => JwtCallers.Configure(bearer, options, keys, limits));
    }

    private static void AddCertificates(AuthenticationBuilder schemes, CertificateCallerOptions options, CallerLimits limits)
    {
        schemes.Services.AddSingleton(provider => new Reloaded<CertificateAuthorities>(
            "Gateway:Callers:Certificates:CaFile", [options.CaFile], () => CertificateAuthorities.Read(options.CaFile),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CertificateAuthorities>>()));
        schemes.AddCertificate(CertificateScheme);
        schemes.Services.AddOptions<CertificateAuthenticationOptions>(CertificateScheme)
            .Configure<Reloaded<CertificateAuthorities>>((certificate, authorities) =>
                CertificateCallers.Configure(certificate, options, authorities, limits));
    }

    // What is not in the gateway's own settings is not there.
    private sealed class NoConfiguration : IAuthenticationConfigurationProvider
    {
        public Microsoft.Extensions.Configuration.IConfiguration AuthenticationConfiguration { get; } =
            new Microsoft.Extensions.Configuration.ConfigurationManager();
    }
}
