using System.Security.Cryptography;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A published client in another language finds in the demo what it finds at the backend that it was written for.</summary>
[Trait("Category", "Interop")]
public sealed class PublishedClientTests
{
    private static readonly string[] FreePorts =
        ["--gateway-url", "http://127.0.0.1:0", "--relay-url", "http://127.0.0.1:0", "--motion-server-url", "http://127.0.0.1:0"];

    [RequiresToolTheory(PythonScripts.WebSockets, PythonScripts.Remedy)]
    [InlineData("pcm")]
    [InlineData("opus")]
    public async Task Demo_ServesAClientThatKnowsPcmAt16000HertzOnly(string delivered)
    {
        await using var demo = Executable.Start(["demo", "--no-speak", "--json", "--deliver", delivered, .. FreePorts]);
        await demo.WaitForLineAsync(line => line.StartsWith('{'));
        var relay = new Uri(Executable.Result(demo).GetProperty("relayUrl").GetString()!);
        await using var client = PythonScripts.StartAgentClient(relay);

        Assert.True(await client.WaitAsync(Executable.Limit) == 0, client.ToString());
        var seen = Executable.Result(client);
        byte[] speech = Clip.Read();

        Assert.Equal(speech.Length, seen.GetProperty("audioBytes").GetInt64());
        if (delivered == "pcm")
        {
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(speech)), seen.GetProperty("audioSha256").GetString());
            Assert.True(seen.GetProperty("saidBackAsSpoken").GetBoolean(), seen.ToString());
        }

        // A second was spoken, and is said back with little of the silence behind it.
        Assert.InRange(seen.GetProperty("saidBackMs").GetDouble(), 1000, 2000);

        // The next turn waited until the first had been heard.
        Assert.True(seen.GetProperty("heldMs").GetDouble() >= speech.Length * 1000.0 / (Clip.SampleRate * sizeof(short)), seen.ToString());
        Assert.True(seen.GetProperty("motionMessages").GetInt32() > 1, seen.ToString());
    }
}
