using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using MotionGateway.Sessions;

namespace MotionGateway.Gateway.Tests;

/// <summary>Callers that may do everything with the apps that they name in a header.</summary>
internal sealed class AppCallers : IStartupFilter
{
    /// <summary>The header.</summary>
    public const string Header = "x-apps";

    /// <summary>Has a gateway believe the header.</summary>
    public static void Add(WebApplicationBuilder builder) => builder.Services.AddSingleton<IStartupFilter, AppCallers>();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, follow) =>
        {
            if (context.Request.Headers.TryGetValue(Header, out var apps))
            {
                context.Features.Set(new CallerFeature(new Caller("test", Caller.Anyone.Rights, $"{apps}".Split(',').ToHashSet())));
            }

            await follow();
        });
        next(app);
    };
}
