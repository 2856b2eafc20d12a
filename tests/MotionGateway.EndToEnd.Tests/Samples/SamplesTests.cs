using System.Globalization;
using System.Text.RegularExpressions;
using MotionGateway.Cli.Tests.Audio;
using MotionGateway.Testing;
using MotionGateway.V1;

namespace MotionGateway.EndToEnd.Tests.Samples;

/// <summary>The samples speak a file, whatever their language.</summary>
[Collection(nameof(OtherServices))]
[Trait("Category", "Interop")]
public sealed partial class SamplesTests(RunningServices services) : IDisposable
{
    private const int Seconds = 2;

    // Of a session whose speech tells its rate only by its headers.
    private const int SampleRate = 24000;
    private const string NodePackages = "clients/samples/node/node_modules/@grpc/grpc-js/package.json";
    private const string NodeRemedy = "run npm ci in clients/samples/node";
    private const string GoPackages = "/usr/share/gocode/src/google.golang.org/grpc/clientconn.go";
    private const string GoRemedy =
        "apt-get install golang-go golang-google-grpc-dev golang-github-golang-protobuf-1-5-dev golang-google-protobuf-dev protoc-gen-go protoc-gen-go-grpc";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("motiongateway-samples");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(60, "python/speak.py")]
    [InlineData(60, "node/speak.js")]
    [InlineData(60, "go/main.go")]
    [InlineData(60, "dotnet/Program.cs")]
    [InlineData(249, "voice-agent/agent.py", "voice-agent/session.py")]
    public void Source_OfEach_IsShort(int limit, params string[] files) => Assert.InRange(
        files.Sum(file => File.ReadLines(RepositoryRoot.PathTo(["clients", "samples", .. file.Split('/')])).Count()), 1, limit);

    [RequiresToolFact(PythonScripts.Grpc, PythonScripts.Remedy)]
    public Task Python_AFile_IsHeardWhole() => AssertHeardAsync("python");

    [RequiresToolFact(NodePackages, NodeRemedy)]
    public Task Node_AFile_IsHeardWhole() => AssertHeardAsync("node");

    [Trait("Needs", "Go")]
    [RequiresToolFact(GoPackages, GoRemedy)]
    public Task Go_AFile_IsHeardWhole() => AssertHeardAsync("go");

    [Fact]
    public Task Dotnet_AFile_IsHeardWhole() => AssertHeardAsync("dotnet");

    [RequiresToolFact(PythonScripts.Grpc, PythonScripts.Remedy)]
    public Task Python_ToAGatewayWithTlsAndKeys_ShowsItsKeyAndEndsItsHalf() => AssertCallAsync("python", "MOTIONGATEWAY_CACERT");

    [RequiresToolFact(NodePackages, NodeRemedy)]
    public Task Node_ToAGatewayWithTlsAndKeys_ShowsItsKeyAndEndsItsHalf() => AssertCallAsync("node", "MOTIONGATEWAY_CACERT");

    [Trait("Needs", "Go")]
    [RequiresToolFact(GoPackages, GoRemedy)]
    public Task Go_ToAGatewayWithTlsAndKeys_ShowsItsKeyAndEndsItsHalf() => AssertCallAsync("go", "SSL_CERT_FILE");

    [Fact]
    public Task Dotnet_ToAGatewayWithTlsAndKeys_ShowsItsKeyAndEndsItsHalf() => AssertCallAsync("dotnet", "MOTIONGATEWAY_CACERT");

    private async Task AssertHeardAsync(string name)
    {
        await WarmUpAsync();

        var lines = await new Sample(name).SpeakAsync(services.GatewayUrl, WriteFile());

        Assert.Equal(Seconds * SampleRate, EndOf("sample", lines));
        Assert.Equal(Seconds * 25, EndOf("keyframe", lines));
        Assert.Matches(new Regex($"turn_?ended .*completed, {Seconds * SampleRate} samples heard", RegexOptions.IgnoreCase), Assert.Single(lines, TurnEnded().IsMatch));
        Assert.Matches(Closed(), lines.Last());
    }

    private async Task AssertCallAsync(string name, string authorities)
    {
        await using var gateway = await KeyedGateway.StartAsync();
        string file = WriteFile();

        var lines = await new Sample(name).SpeakAsync(
            gateway.Url, file, ("MOTIONGATEWAY_API_KEY", KeyedGateway.Key), (authorities, gateway.AuthorityFile));

        Assert.Equal(AudioEncoding.Wav, gateway.Requests[0].Open.AudioFormat.Encoding);
        Assert.Equal(SpeakRequest.RequestOneofCase.EndTurn, gateway.Requests[^1].RequestCase);
        Assert.Equal(File.ReadAllBytes(file), gateway.Requests[1..^1].SelectMany(request => request.Audio.Data));
        Assert.Matches(Closed(), lines.Last());
        Assert.DoesNotContain(lines, line => line.Contains(KeyedGateway.Key, StringComparison.Ordinal));
    }

    // On a busy machine the motion of a process's first turn may be later than the end of so short a speech.
    private async Task WarmUpAsync()
    {
        using var speaker = await Speaker.OpenAsync(services.Speech);
        await speaker.SayAsync(Clip.Read(0.5), "first");
        await speaker.WaitForAsync(response => response.Payload?.TurnEnded is not null);
    }

    private string WriteFile()
    {
        string file = Path.Combine(_directory.FullName, "speech.wav");
        File.WriteAllBytes(file, new WavBytes { Samples = Clip.Read(Seconds) }.ToArray());
        return file;
    }

    // Up to where the pieces that were printed reach, each beginning where the one before ended.
    private static long EndOf(string unit, IEnumerable<string> lines)
    {
        long end = 0;
        foreach (var piece in lines.Select(line => Piece().Match(line)).Where(match => match.Groups["unit"].Value == unit))
        {
            Assert.Equal(end, long.Parse(piece.Groups["first"].Value, CultureInfo.InvariantCulture));
            end += long.Parse(piece.Groups["count"].Value, CultureInfo.InvariantCulture);
        }

        return end;
    }

    [GeneratedRegex(@" (?<unit>sample|keyframe) (?<first>\d+) \+(?<count>\d+)")]
    private static partial Regex Piece();

    [GeneratedRegex(@"\bturn_?ended\b", RegexOptions.IgnoreCase)]
    private static partial Regex TurnEnded();

    [GeneratedRegex("closed", RegexOptions.IgnoreCase)]
    private static partial Regex Closed();
}
