namespace MotionGateway.Speech.Recognition;

/// <summary>Something that is no samples.</summary>
/// <param name="Name">What it is, with an article.</param>
/// <param name="Remedy">What to do about it, a sentence.</param>
/// <param name="Encoding">The encoding that takes it; null when none does.</param>
internal sealed record Finding(string Name, string Remedy, SpeechEncoding? Encoding = null)
{
    private const string AsWav = "Set the encoding to WAV, or send what follows the header.";

    public static Finding Wav { get; } = new("a WAV header", AsWav, SpeechEncoding.Wav);

    public static Finding OggOpus { get; } = new("an Ogg Opus stream", "Set the encoding to OGG_OPUS.", SpeechEncoding.OggOpus);

    public static Finding Json { get; } = Text("JSON text");

    public static Finding Markup { get; } = Text("HTML or XML text");

    public static Finding Events { get; } = Text("a stream of server-sent events");

    public static Finding Base64 { get; } = new("base64 text", "Decode it before sending, such as with `base64 -d`: the bytes themselves are taken.");

    public static Finding DataUrl { get; } = new("a data: URL", "Decode what follows its comma before sending: the bytes themselves are taken.");

    /// <summary>A form of audio that is decoded by no encoding here.</summary>
    public static Finding Audio(string name, string extension) => new(
        name,
        $"Ask the source for PCM, WAV or Ogg Opus, or convert: `ffmpeg -i in.{extension} -f s16le -ac 1 -ar 24000 out.pcm`.");

    public static Finding Sox(string name, string extension) => new(
        name, $"Ask the source for PCM or WAV, or convert: `sox in.{extension} -b 16 -e signed-integer -c 1 -r 24000 out.wav`.");

    private static Finding Text(string name) => new(
        name, "It is most likely an answer of the speech service that is no audio: check its status and content type before sending its body.");
}
