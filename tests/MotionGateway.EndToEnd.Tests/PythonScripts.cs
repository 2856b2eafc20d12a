using System.Reflection;
using MotionGateway.Testing;

namespace MotionGateway.EndToEnd.Tests;

/// <summary>The scripts in python/, run by the distribution's Python.</summary>
internal static class PythonScripts
{
    public const string Grpc = "/usr/lib/python3/dist-packages/grpc/__init__.py";
    public const string WebSockets = "/usr/lib/python3/dist-packages/websockets/__init__.py";
    public const string Remedy = "apt-get install python3-grpcio python3-protobuf python3-websockets protobuf-compiler";

    private const string Python = "/usr/bin/python3";
    private const string Protoc = "/usr/bin/protoc";

    private static string ScriptDirectory => RepositoryRoot.PathTo("tests", "MotionGateway.EndToEnd.Tests", "python");

    /// <summary>Starts the reader of a session's JSON feed.</summary>
    public static ChildProcess StartFeedReader(Uri relay, string sessionId, string token) => ChildProcess.Start(
        Python, [Path.Combine(ScriptDirectory, "feed_reader.py"), relay.ToString(), sessionId],
        environment: new Dictionary<string, string> { ["MOTIONGATEWAY_VIEWER_TOKEN"] = token });

    /// <summary>Starts a published client of a demo's relay.</summary>
    public static ChildProcess StartAgentClient(Uri relay) =>
        ChildProcess.Start(Python, [Path.Combine(ScriptDirectory, "agent_client.py"), relay.ToString()]);

    /// <summary>Runs the speaker.</summary>
    public static Task<IReadOnlyCollection<string>> SpeakAsync(Uri gateway, string wavFile) => RunAsync("speak.py", gateway, wavFile);

    /// <summary>Runs a script that calls a gateway, with messages generated for it.</summary>
    /// <param name="script">The script's file.</param>
    /// <param name="gateway">The gateway.</param>
    /// <param name="wavFile">What it speaks.</param>
    /// <param name="more">Further arguments.</param>
    public static async Task<IReadOnlyCollection<string>> RunAsync(string script, Uri gateway, string wavFile, params string[] more)
    {
        string generated = Directory.CreateTempSubdirectory("motiongateway-python").FullName;
        try
        {
            string protos = RepositoryRoot.PathTo("protos");
            string[] files = Directory.GetFiles(Path.Combine(protos, "motiongateway", "v1"), "*.proto");
            await ChildProcess.RunAsync(
                Protoc,
                [$"--python_out={generated}", $"-I{protos}", $"-I{ScriptDirectory}", $"-I{Includes}",
                    .. files, Path.Combine(ScriptDirectory, "rpc_details.proto")]);
            return await ChildProcess.RunAsync(
                Python, [Path.Combine(ScriptDirectory, script), gateway.Authority, generated, wavFile, .. more], limit: Executable.Limit);
        }
        finally
        {
            Directory.Delete(generated, recursive: true);
        }
    }

    private static string Includes => typeof(PythonScripts).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "ProtobufIncludes").Value!;
}
