using System.Net;
using System.Net.Sockets;

namespace MotionGateway.Benchmarks;

/// <summary>Ports of this machine for the services that are measured.</summary>
internal static class LocalPorts
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    /// <summary>Finds ports that are free.</summary>
    public static int[] Find(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }

    /// <summary>Waits until a service takes connections.</summary>
    public static async Task WaitUntilOpenAsync(int port)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    /// <summary>Waits until a service says that it is ready.</summary>
    public static async Task WaitUntilReadyAsync(int port, string path)
    {
        await WaitUntilOpenAsync(port);
        using var limit = new CancellationTokenSource(StartLimit);
        using var http = new HttpClient();
        while (!(await http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"), limit.Token)).IsSuccessStatusCode)
        {
            await Task.Delay(100, limit.Token);
        }
    }
}
