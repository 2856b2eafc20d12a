using System.Net;
using MotionGateway.Cli.Commands;
using MotionGateway.Cli.Configuration;

namespace MotionGateway.Cli.Demo;

/// <summary>Where the parts of the demo are to listen; null: the default, or a free port where that is taken.</summary>
internal sealed record DemoAddresses(string? Gateway, string? Relay, string? MotionServer)
{
    /// <summary>Refuses what is no address of this machine: the demo hands a viewer token to everyone who asks.</summary>
    public void Check()
    {
        Check(Gateway, "--gateway-url");
        Check(Relay, "--relay-url");
        Check(MotionServer, "--motion-server-url");
    }

    /// <summary>Starts a part where it was asked to be, else at its default address, else at a free port.</summary>
    public static async Task<T> StartAsync<T>(string? address, string defaultAddress, Func<string, Task<T>> start, Action<string> notice)
    {
        if (address is not null)
        {
            return await start(address);
        }

        try
        {
            return await start(defaultAddress);
        }
        catch (Hosting.AddressInUseException)
        {
            notice($"{defaultAddress} is taken by another program: using a free port instead.");
            return await start("http://127.0.0.1:0");
        }
    }

    /// <summary>The default addresses.</summary>
    public static (string Gateway, string Relay, string MotionServer) Defaults =>
        (CommonOptions.GatewayUrl, CommonOptions.RelayUrl, ServiceSettings.LocalMotionServerUrl);

    // Kestrel takes a name that is not localhost for every interface, even one that Uri calls loopback.
    private static bool IsOfThisMachine(Uri address) => address.Scheme == Uri.UriSchemeHttp
        && (address.Host == "localhost" || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip)));

    private static void Check(string? address, string option)
    {
        if (address is not null && !IsOfThisMachine(CommonOptions.ToAddress(address, option)))
        {
            throw new CommandException(
                $"{option}: the demo is for this machine only: name an address such as http://127.0.0.1:0.", ExitCode.Usage);
        }
    }
}
