using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MotionGateway.V1;

namespace MotionGateway.Benchmarks;

/// <summary>A bare gRPC server as a process of its own, in place of the gateway: see <see cref="BareSpeech"/>.</summary>
internal sealed class BareOpening : IDisposable
{
    public const string Command = "serve-bare-opening";

    private readonly GrpcChannel _channel;

    private BareOpening(ServiceProcess process, GrpcChannel channel)
    {
        Process = process;
        _channel = channel;
    }

    public ServiceProcess Process { get; }

    public SpeechService.SpeechServiceClient Speech => new(_channel);

    /// <summary>Starts it, and waits until it answers.</summary>
    public static async Task<BareOpening> StartAsync(int motionServerPort)
    {
        int port = LocalPorts.Find(1)[0];
        var process = new ServiceProcess(typeof(BareOpening).Assembly.Location, Command, $"{port}", $"{motionServerPort}");
        await LocalPorts.WaitUntilOpenAsync(port);
        return new BareOpening(process, GrpcChannel.ForAddress($"http://127.0.0.1:{port}"));
    }

    /// <summary>Serves until the process is killed.</summary>
    public static async Task RunAsync(int port, int motionServerPort)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new BareSpeech(motionServerPort));
        var app = builder.Build();
        app.MapGrpcService<BareSpeech>();
        await app.RunAsync();
    }

    public void Dispose()
    {
        _channel.Dispose();
        Process.Dispose();
    }
}
