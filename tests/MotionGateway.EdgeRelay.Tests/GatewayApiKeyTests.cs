using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MotionGateway.Hosting;
using MotionGateway.Protocol;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay.Tests;

/// <summary>The key by which a gateway knows a relay.</summary>
public sealed class GatewayApiKeyTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-relay-");

    private string KeyPath => Path.Combine(_directory.FullName, "relay.key");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Key_IsShownWithEachCall_AndTheNewOneOnceItsFileHasChanged()
    {
        await File.WriteAllTextAsync(KeyPath, "mgk_relay_first\n");
        await using var test = await StartAsync();
        test.AddSession();
        test.AddSession("session-2");
        using var before = await test.ViewAsync();
        string[] shown = [.. test.State.Credentials.Distinct()];

        await File.WriteAllTextAsync(KeyPath, "mgk_relay_second");
        test.Relay.Services.GetRequiredService<Reloaded<GatewayApiKey>>().Refresh();
        test.State.Credentials.Clear();
        using var after = await test.ConnectAsync(sessionId: "session-2");
        await after.StartAsync(start => start.ViewerToken = test.Token("session-2"));
        await after.ReceiveAsync();

        Assert.Equal(["Bearer mgk_relay_first"], shown);
        Assert.NotNull(after.Started);
        Assert.Contains("Bearer mgk_relay_second", test.State.Credentials);
        Assert.DoesNotContain("Bearer mgk_relay_first", test.State.Credentials);
        Assert.DoesNotContain(test.Log, entry => entry.ToString().Contains("mgk_relay_", StringComparison.Ordinal));
    }

    // The key is the relay's, not the viewer's, who could do nothing about it.
    [Fact]
    public async Task Key_ThatTheGatewayDoesNotTake_IsNoMatterOfViewers()
    {
        await File.WriteAllTextAsync(KeyPath, "mgk_relay_first\n");
        await using var test = await StartAsync();
        test.AddSession().Fault = new Failure(ErrorReason.CredentialInvalid, "The credential is not taken.") { Field = "authorization" };
        using var viewer = await test.ConnectAsync();
        await viewer.StartAsync(start => start.ViewerToken = test.Token());

        Assert.Equal(ErrorReason.Internal, (await viewer.ReceiveToEndAsync())?.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("one\ntwo")]
    [InlineData(null)]
    public async Task KeyFile_WithoutAKey_IsTold(string? text)
    {
        if (text is not null)
        {
            await File.WriteAllTextAsync(KeyPath, text);
        }

        var failure = Assert.Throws<OptionsValidationException>(() => EdgeRelayHost.Build(new EdgeRelayOptions { GatewayApiKeyFile = KeyPath }));

        Assert.Contains("GatewayApiKeyFile: ", Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    private Task<RelayUnderTest> StartAsync() => RelayUnderTest.StartAsync(options => options.GatewayApiKeyFile = KeyPath);
}
