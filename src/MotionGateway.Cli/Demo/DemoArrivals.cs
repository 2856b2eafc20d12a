using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.Cli.Audio;
using MotionGateway.Cli.Demo.Agent;
using MotionGateway.EdgeRelay;
using MotionGateway.LocalMotion;
using MotionGateway.Protocol;

namespace MotionGateway.Cli.Demo;

/// <summary>Makes a session for each viewer that comes to the demo's relay without a token, which only published clients do.</summary>
internal sealed class DemoArrivals(Uri gateway, DemoClip clip, DemoSpeech speech, Func<DemoAgent> createAgent) : IDemoSessions, IDisposable
{
    // Everyone who reaches this machine's port may come.
    private const int MaxSessions = 8;

    private readonly GrpcChannel _channel = GatewayChannel.ForAddress(gateway);
    private int _count;

    /// <inheritdoc/>
    public IReadOnlyList<string> Clips => [clip.Name];

    /// <inheritdoc/>
    public string AppId => LocalMotionServerOptions.DefaultAppId;

    /// <inheritdoc/>
    public string AvatarId => DemoSession.AvatarId;

    /// <inheritdoc/>
    public async Task<IDemoSession?> OpenAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _count) > MaxSessions)
        {
            Interlocked.Decrement(ref _count);
            return null;
        }

        var agent = createAgent();
        try
        {
            return await DemoArrival.OpenAsync(
                _channel, clip, speech, agent, () => Interlocked.Decrement(ref _count), cancellationToken);
        }
        catch (Exception failure)
        {
            Interlocked.Decrement(ref _count);
            await agent.DisposeAsync();
            if (failure is CommandException or RpcException)
            {
                throw new IOException("The gateway opens no session.", failure);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
