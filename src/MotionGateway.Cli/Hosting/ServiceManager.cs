using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using MotionGateway.Cli.Output;

namespace MotionGateway.Cli.Hosting;

/// <summary>Tells systemd how the service is, where systemd started the process and waits for it (<c>Type=notify</c>).</summary>
internal sealed class ServiceManager
{
    private readonly SystemdNotifier _notifier = new();

    /// <summary>The service listens.</summary>
    public void TellReady() => Tell(ServiceState.Ready);

    /// <summary>The service lets what it does come to an end.</summary>
    public void TellStopping() => Tell(ServiceState.Stopping);

    private void Tell(ServiceState state)
    {
        try
        {
            _notifier.Notify(state);
        }
        catch (SocketException failure)
        {
            // A service that works is not ended because of a variable that was inherited from elsewhere.
            Screen.Note($"warning: NOTIFY_SOCKET names a socket that cannot be told anything: {failure.Message}.");
        }
    }
}
