using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MotionGateway.LocalMotion;
using MotionGateway.MotionServer.Tests.Readme;
using MotionGateway.MotionServer.Tests.Scripted;
using MotionGateway.Testing;

namespace MotionGateway.MotionServer.Tests;

public sealed class MotionServerServicesTests
{
    [Fact]
    public async Task AddMotionServer_SectionOfTheConfiguration_GivesAClientThatConnects()
    {
        await using LocalMotionServer server = await LocalMotionServer.StartAsync();
        MotionServerOptions given = server.ClientOptions();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["MotionServer:AppId"] = given.AppId,
            ["MotionServer:ApiKey"] = given.ApiKey,
            ["MotionServer:ConsoleUrl"] = given.ConsoleUrl!.AbsoluteUri,
            ["MotionServer:IngressUrl"] = given.IngressUrl!.AbsoluteUri,
        });
        ReadmeSample.Register(builder.Services);
        using IHost host = builder.Build();
        await host.StartAsync().DefaultTimeout();

        IMotionConnector connector = host.Services.GetRequiredService<IMotionConnector>();
        IMotionConnection connection = await connector.ConnectAsync("avatar", new MotionAudioFormat(16000)).DefaultTimeout();
        await ((IAsyncDisposable)host).DisposeAsync().AsTask().DefaultTimeout();

        Assert.IsType<MotionServerClient>(connector);
        Assert.True(connection.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task AddMotionServer_WrongOptions_EndTheStartWithAllProblems()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddMotionServer(options => options.StepTimeout = TimeSpan.Zero);
        using IHost host = builder.Build();

        OptionsValidationException failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.All(["AppId", "ApiKey", "StepTimeout"], name => Assert.Contains(failure.Failures, problem => problem.StartsWith(name, StringComparison.Ordinal)));
        Assert.Equal(3, failure.Failures.Count());
    }

    [Fact]
    public void AddMotionServer_Twice_IsOneClientAndOneCheck()
    {
        ServiceCollection services = new();

        services.AddMotionServer();
        services.AddMotionServer();

        Assert.Single(services, service => service.ServiceType == typeof(MotionServerClient));
        Assert.Single(services, service => service.ServiceType == typeof(IValidateOptions<MotionServerOptions>));
    }
}
