using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace MotionGateway.Benchmarks;

/// <summary>A TCP link to a local port on which each direction takes half a round trip, and opening it a whole one.</summary>
internal sealed class DelayedLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _connections = [];
    private readonly int _target;
    private readonly TimeSpan _roundTrip;
    private readonly Task _accepting;

    public DelayedLink(int target, TimeSpan roundTrip)
    {
        _target = target;
        _roundTrip = roundTrip;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // The link is taken down.
        }
    }

    private async Task RelayAsync(TcpClient near)
    {
        using (near)
        using (TcpClient far = new())
        {
            try
            {
                near.NoDelay = far.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                await Task.Delay(_roundTrip, _stopping.Token);
                await Task.WhenAll(PumpAsync(near.GetStream(), far.GetStream()), PumpAsync(far.GetStream(), near.GetStream()));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One end is gone, and disposing tells the other.
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to)
    {
        Channel<(byte[] Bytes, long Due)> underWay = Channel.CreateBounded<(byte[] Bytes, long Due)>(1024);
        Task delivering = DeliverAsync(underWay.Reader, to);
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer, _stopping.Token)) > 0)
            {
                long due = Stopwatch.GetTimestamp() + (long)(_roundTrip.TotalSeconds / 2 * Stopwatch.Frequency);
                await underWay.Writer.WriteAsync((buffer[..read], due), _stopping.Token);
            }
        }
        finally
        {
            underWay.Writer.TryComplete();
            await delivering;
        }
    }

    private async Task DeliverAsync(ChannelReader<(byte[] Bytes, long Due)> underWay, NetworkStream to)
    {
        await foreach ((byte[] bytes, long due) in underWay.ReadAllAsync(_stopping.Token))
        {
            TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, _stopping.Token);
            }

            await to.WriteAsync(bytes, _stopping.Token);
        }

        to.Socket.Shutdown(SocketShutdown.Send);
    }
}
