using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>What <c>buf generate</c> writes for clients in other languages.</summary>
[Trait("Category", "Interop")]
public sealed class GeneratedClientsTests
{
    private const string Tools = "clients/web/node_modules/.bin";
    private const string Remedy = "apt-get install protobuf-compiler protoc-gen-go protoc-gen-go-grpc, and npm ci in clients/web";

    [RequiresToolFact("protoc-gen-go-grpc", Remedy)]
    public async Task BufGenerate_EachLanguage_HasMessagesInTheNamedPackage()
    {
        string output = Directory.CreateTempSubdirectory("motiongateway-generated").FullName;
        try
        {
            await GenerateAsync(output);
            string Read(string path) => File.ReadAllText(Path.Combine(output, "gen", path));

            Assert.Matches(@"(?m)^package motiongatewayv1$[\s\S]*^type SpeakRequest struct", Read("go/motiongateway/v1/speech.pb.go"));
            Assert.Contains("type SpeechServiceClient interface", Read("go/motiongateway/v1/speech_grpc.pb.go"), StringComparison.Ordinal);
            Assert.Matches("(?m)^package driveningressv2$", Read("go/driveningress/v2/driveningress.pb.go"));
            Assert.Matches(@"(?m)^package motiongateway\.v1;$", Read("java/motiongateway/v1/SpeakRequest.java"));
            Assert.Matches(@"(?m)^package driveningress\.v2;$", Read("java/driveningress/v2/Message.java"));
            Assert.Contains("export const SpeechService", Read("node/motiongateway/v1/speech_pb.ts"), StringComparison.Ordinal);
            Assert.Equal(["motiongateway.v1.SpeakRequest"], await NameInPythonAsync(Path.Combine(output, "gen", "python")));
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private static Task<IReadOnlyCollection<string>> GenerateAsync(string output) => ChildProcess.RunAsync(
        RepositoryRoot.PathTo([.. Tools.Split('/'), "buf"]), ["generate", "-o", output], RepositoryRoot.Directory,
        new Dictionary<string, string>
        {
            ["PATH"] = $"{RepositoryRoot.PathTo(Tools.Split('/'))}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
        });

    private static Task<IReadOnlyCollection<string>> NameInPythonAsync(string directory) => ChildProcess.RunAsync(
        "/usr/bin/python3", ["-c", "from motiongateway.v1 import speech_pb2; print(speech_pb2.SpeakRequest.DESCRIPTOR.full_name)"],
        environment: new Dictionary<string, string> { ["PYTHONPATH"] = directory });
}
