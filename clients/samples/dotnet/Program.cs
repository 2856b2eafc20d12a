// Speaks a WAV file and prints what comes back. Usage: speak WAV [AVATAR]
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using MotionGateway.V1;

const string turnId = "hello";
byte[] wav = await File.ReadAllBytesAsync(args[0]);
string gateway = Environment.GetEnvironmentVariable("MOTIONGATEWAY_GATEWAY") ?? "http://127.0.0.1:50051";
Metadata headers = Environment.GetEnvironmentVariable("MOTIONGATEWAY_API_KEY") is { } key ? new() { { "authorization", $"Bearer {key}" } } : [];
using var handler = new SocketsHttpHandler();
if (Environment.GetEnvironmentVariable("MOTIONGATEWAY_CACERT") is { } ca)
{
    var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
    trust.CustomTrustStore.ImportFromPemFile(ca);
    handler.SslOptions.CertificateChainPolicy = trust;
}

long start = TimeProvider.System.GetTimestamp();
using var channel = GrpcChannel.ForAddress(gateway, new GrpcChannelOptions { HttpHandler = handler });
using var call = new SpeechService.SpeechServiceClient(channel).Speak(headers);
var speaking = SpeakAsync(call.RequestStream, wav, args.ElementAtOrDefault(1) ?? "sample");
try
{
    await foreach (var response in call.ResponseStream.ReadAllAsync())
    {
        Console.WriteLine($"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,8:0.000} s  {Describe(response)}");
    }

    await speaking;
    return 0;
}
catch (RpcException error)
{
    Console.Error.WriteLine($"{error.StatusCode}: {error.Status.Detail}");
    return 1;
}

static async Task SpeakAsync(IClientStreamWriter<SpeakRequest> requests, byte[] wav, string avatar)
{
    await requests.WriteAsync(new() { Open = new() { AvatarId = avatar, AudioFormat = new() { Encoding = AudioEncoding.Wav } } });
    foreach (byte[] data in wav.Chunk(32 * 1024))
    {
        await requests.WriteAsync(new() { Audio = new() { TurnId = turnId, Data = ByteString.CopyFrom(data) } }); // waits for HTTP/2 flow control
    }

    await requests.WriteAsync(new() { EndTurn = new() { TurnId = turnId } });
    await requests.CompleteAsync(); // No more speech comes: the session is closed when all of it has been heard.
}

static string Describe(SpeakResponse response) => response.Payload switch
{
    null => $"{response.ResponseCase}  {response.Opened?.SessionId ?? response.Refused?.Message}",
    { Audio: { } audio } => $"audio  sample {audio.FirstSample} +{audio.SampleCount}",
    { Motion: { } motion } => $"motion  keyframe {motion.FirstKeyframe} +{motion.KeyframeCount}",
    { TurnEnded: { } ended } => $"turn_ended  {ended.Outcome}, {ended.PlayedSamples} samples heard",
    var other => $"{other.ContentCase}",
};
