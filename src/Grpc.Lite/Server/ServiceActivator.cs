using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>Gives each call its service instance: the container's if it has one, else a new one that is disposed after the call.</summary>
internal sealed class ServiceActivator<TService>
    where TService : class
{
    private static readonly Lazy<ObjectFactory<TService>> Factory = new(() => ActivatorUtilities.CreateFactory<TService>([]));

    public static TService Create(IServiceProvider services, out bool isOwned)
    {
        var existing = services.GetService<TService>();
        isOwned = existing is null;
        return existing ?? Factory.Value(services, null);
    }

    public static async ValueTask ReleaseAsync(TService service, bool isOwned)
    {
        if (!isOwned)
        {
            return;
        }

        switch (service)
        {
            case IAsyncDisposable asyncDisposable:
                await asyncDisposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }
}
