using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MotionGateway.Cli.Output;
using MotionGateway.Hosting;

namespace MotionGateway.Cli.Hosting;

/// <summary>A web application that has been started.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private static readonly string Version = typeof(RunningService).Assembly.GetName().Version!.ToString(3);

    private readonly WebApplication _app;
    private Task? _stopping;
    private int _disposed;

    private RunningService(WebApplication app) => _app = app;

    /// <summary>Where it listens, with the true ports.</summary>
    public IReadOnlyList<string> Urls => [.. _app.Urls];

    /// <summary>The first of them.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>Sets up what all services of this process share.</summary>
    public static void Configure(WebApplicationBuilder builder, string name, LoggingOptions logging)
    {
        Telemetry.Configure(builder.Configuration);
        ServiceLogs.Configure(builder.Logging, name, logging);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
    }

    /// <summary>Starts an application.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="urls">Where it is to listen, for errors.</param>
    /// <param name="app">The application; it is disposed of when it does not start.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">It cannot listen there.</exception>
    public static async Task<RunningService> StartAsync(string name, string urls, WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
            return new RunningService(app);
        }
        catch (Exception failure)
        {
            await app.DisposeAsync();
            throw ListenFailure(name, urls, failure) ?? failure;
        }
    }

    /// <summary>Tells why an address could not be listened on; null when that is not what happened.</summary>
    public static CommandException? ListenFailure(string name, string urls, Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return new AddressInUseException(name, urls);
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return new CommandException($"The {name} may not listen on {urls}: choose a port from 1024.");
                case SocketException socket:
                    return new CommandException($"The {name} cannot listen on {urls}: {socket.Message}.");
                default:
                    break;
            }
        }

        if (failure is InvalidOperationException && urls.Contains("//localhost:0", StringComparison.OrdinalIgnoreCase))
        {
            return new CommandException(
                $"The {name} cannot listen on {urls}: a free port can only be had at an address. Write 127.0.0.1:0 or [::1]:0 instead of localhost:0.", ExitCode.Usage);
        }

        return failure is IOException ? new AddressInUseException(name, urls) : null;
    }

    /// <summary>Says that the service is ready, in one line that scripts can wait for.</summary>
    public static void Announce(Screen screen, string name, IReadOnlyList<string> urls)
    {
        if (screen.IsJson)
        {
            screen.Json(new { service = name, listening = urls });
        }
        else
        {
            foreach (string url in urls)
            {
                screen.Line($"listening on {url}");
            }
        }
    }

    /// <summary>Announces the service and runs it until the token is cancelled, then lets it finish what it does.</summary>
    public async Task<int> RunAsync(Screen screen, string name, CancellationToken cancellationToken)
    {
        Announce(screen, name, Urls);
        var logger = _app.Services.GetRequiredService<ILogger<RunningService>>();
        string urls = string.Join(' ', Urls);
        ServiceLog.Started(logger, name, Version, urls);
        using var workers = WorkerThreads.Watch();
        var manager = new ServiceManager();
        manager.TellReady();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = cancellationToken.Register(() => stopping.TrySetResult());
        await using var failed = _app.Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult());
        await stopping.Task;
        manager.TellStopping();
        long began = TimeProvider.System.GetTimestamp();
        bool isAsked = cancellationToken.IsCancellationRequested;
        Action<ILogger, string> tell = isAsked ? ServiceLog.Stopping : ServiceLog.Failing;
        tell(logger, name);
        await StopAsync();
        var lasted = TimeProvider.System.GetElapsedTime(began);
        ServiceLog.Stopped(logger, name, lasted.TotalSeconds);
        await DisposeAsync();
        return isAsked ? ExitCode.Ok : ExitCode.Failure;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync();
            await _app.DisposeAsync();
        }
    }

    // Once: what an application does before it stops is not to be done again.
    private Task StopAsync() => _stopping ??= _app.StopAsync(CancellationToken.None);
}
