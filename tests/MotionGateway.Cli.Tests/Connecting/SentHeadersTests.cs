using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MotionGateway.Cli.Tests.Commands;
using MotionGateway.Cli.Tests.Configuration;
using MotionGateway.Testing;

namespace MotionGateway.Cli.Tests.Connecting;

/// <summary>What commands send along, as a server sees it that answers nothing.</summary>
[Collection(nameof(ProcessEnvironment))]
public sealed class SentHeadersTests : IAsyncLifetime
{
    private const string ApiKeyVariable = "MOTIONGATEWAY_API_KEY_FILE";

    private readonly ConcurrentQueue<IHeaderDictionary> _requests = [];
    private readonly string _keyFile = Path.GetTempFileName();
    private WebApplication _server = null!;

    private string Gateway => _server.Urls.First();

    private string Relay => _server.Urls.Last();

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_keyFile, "key-1.secret\n");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        _server = builder.Build();
        _server.Run(context =>
        {
            // The server's own are used again for what comes next.
            _requests.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary()));
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        await _server.StartAsync().DefaultTimeout();
    }

    public async Task DisposeAsync()
    {
        Environment.SetEnvironmentVariable(ApiKeyVariable, null);
        await _server.DisposeAsync();
        File.Delete(_keyFile);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sessions_HeadersAndKey_AreSentToTheGateway(bool isByVariable)
    {
        Environment.SetEnvironmentVariable(ApiKeyVariable, isByVariable ? _keyFile : null);

        var (exitCode, _, errors) = await MainRun.RunAsync(
            ["sessions", "list", "--gateway", Gateway, "--header", "x-tenant: blue", "--header", "x-note:a:b",
                .. isByVariable ? (string[])[] : ["--api-key-file", _keyFile]]);

        var headers = Assert.Single(_requests);
        Assert.Equal(("blue", "a:b", "Bearer key-1.secret"), ($"{headers["x-tenant"]}", $"{headers["x-note"]}", $"{headers.Authorization}"));
        Assert.Equal(ExitCode.Failure, exitCode);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_HeaderForTheKeysPlace_TakesIt()
    {
        Environment.SetEnvironmentVariable(ApiKeyVariable, _keyFile);

        await MainRun.RunAsync("sessions", "list", "--gateway", Gateway, "--header", "Authorization: Bearer mine");

        Assert.Equal("Bearer mine", $"{Assert.Single(_requests).Authorization}");
    }

    // A relay serves viewers, whose tokens tell who they are: it must not learn who may call the gateway.
    [Fact]
    public async Task Watch_ByARelay_SendsHeadersAndKeepsTheKey()
    {
        await using var watch = CliProcess.Start(
            ["watch", "session-1", "--relay", Relay, "--token", "t", "--header", "x-tenant: blue", "--api-key-file", _keyFile]);
        await Eventually.TrueAsync(() => !_requests.IsEmpty);

        var headers = _requests.First();
        Assert.Equal("blue", $"{headers["x-tenant"]}");
        Assert.Empty($"{headers.Authorization}");
    }
}
