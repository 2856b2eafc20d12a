using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>A reader in another language, over the JSON feed and with its own checks, confirms what the demo says.</summary>
[Trait("Category", "Interop")]
public sealed class IndependentReaderTests
{
    private static readonly string[] FreePorts =
        ["--gateway-url", "http://127.0.0.1:0", "--relay-url", "http://127.0.0.1:0", "--motion-server-url", "http://127.0.0.1:0"];

    [RequiresToolFact(PythonScripts.WebSockets, PythonScripts.Remedy)]
    public async Task Demo_Once_IsConfirmedByTheReader()
    {
        await using var demo = Executable.Start(["demo", "--once", "--json", .. FreePorts]);
        string addresses = await demo.WaitForLineAsync(line => line.Contains(", relay http", StringComparison.Ordinal));
        await demo.WaitForLineAsync(line => line.StartsWith("session ", StringComparison.Ordinal));
        var relay = new Uri(addresses[(addresses.LastIndexOf("relay ", StringComparison.Ordinal) + "relay ".Length)..]);
        using var http = new HttpClient { BaseAddress = relay };
        var access = await http.GetFromJsonAsync<JsonElement>("/demo");
        await using var reader = PythonScripts.StartFeedReader(
            relay, access.GetProperty("sessionId").GetString()!, access.GetProperty("viewerToken").GetString()!);

        Assert.True(await reader.WaitAsync(Executable.Limit) == 0, reader.ToString());
        Assert.True(await demo.WaitAsync(Executable.Limit) == 0, demo.ToString());
        var report = Executable.Result(demo);
        var seen = Executable.Result(reader);
        var turn = seen.GetProperty("turns").EnumerateArray().Single();

        byte[] speech = Clip.Read();
        Assert.True(report.GetProperty("ordered").GetBoolean());
        Assert.Equal(speech.Length, report.GetProperty("audioBytesSent").GetInt64());
        Assert.Equal(speech.Length, report.GetProperty("audioBytesReceived").GetInt64());
        Assert.Equal(speech.Length, turn.GetProperty("audioBytes").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(speech)), turn.GetProperty("audioSha256").GetString());
        Assert.Equal(Clip.CountKeyframes(speech.Length), turn.GetProperty("keyframes").GetInt64());
        Assert.Equal("TURN_OUTCOME_COMPLETED", turn.GetProperty("outcome").GetString());
        foreach (string number in new[] { "keyframes", "motionMessages" })
        {
            Assert.Equal(report.GetProperty(number).GetInt64(), turn.GetProperty(number).GetInt64());
        }

        Assert.Equal(report.GetProperty("lastSequence").GetInt64(), seen.GetProperty("lastSequence").GetInt64());
    }
}
