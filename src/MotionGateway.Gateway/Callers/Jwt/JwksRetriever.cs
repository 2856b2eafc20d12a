using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace MotionGateway.Gateway;

/// <summary>Gets an issuer's JSON Web Key Set for those who take a whole OpenID configuration.</summary>
internal sealed class JwksRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    private const int MaxBytes = 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(30);

    /// <summary>Makes what keeps an issuer's keys fresh.</summary>
    /// <param name="address">Of the key set.</param>
    /// <param name="interval">How often it is got.</param>
    public static ConfigurationManager<OpenIdConnectConfiguration> CreateManager(Uri address, TimeSpan interval)
    {
        var http = new HttpClient { Timeout = Timeout, MaxResponseContentBufferSize = MaxBytes };
        var documents = new HttpDocumentRetriever(http) { RequireHttps = !address.IsLoopback };
        return new ConfigurationManager<OpenIdConnectConfiguration>(address.AbsoluteUri, new JwksRetriever(), documents)
        {
            AutomaticRefreshInterval = interval,
            RefreshInterval = ShortestPause,
        };
    }

    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
        string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        var configuration = new OpenIdConnectConfiguration();
        foreach (var key in JwtKeys.ParseSet(await retriever.GetDocumentAsync(address, cancel), address))
        {
            configuration.SigningKeys.Add(key);
        }

        return configuration;
    }
}
