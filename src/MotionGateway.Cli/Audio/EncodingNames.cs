using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Cli.Audio;

/// <summary>What encodings are called on the command line and in JSON: the names of the API without their prefix.</summary>
internal static class EncodingNames
{
    private static readonly (SpeechEncoding Encoding, AudioEncoding Message, string Name)[] All =
    [
        (SpeechEncoding.PcmS16Le, AudioEncoding.PcmS16Le, "pcm_s16le"),
        (SpeechEncoding.PcmF32Le, AudioEncoding.PcmF32Le, "pcm_f32le"),
        (SpeechEncoding.MuLaw, AudioEncoding.Mulaw, "mulaw"),
        (SpeechEncoding.ALaw, AudioEncoding.Alaw, "alaw"),
        (SpeechEncoding.Wav, AudioEncoding.Wav, "wav"),
        (SpeechEncoding.OggOpus, AudioEncoding.OggOpus, "ogg_opus"),
    ];

    /// <summary>Those of bare samples.</summary>
    public static string[] Raw { get; } =
        [.. All.Where(known => known.Encoding is not (SpeechEncoding.Wav or SpeechEncoding.OggOpus)).Select(known => known.Name)];

    /// <summary>The encoding of a name.</summary>
    public static SpeechEncoding Find(string name) => Array.Find(All, known => known.Name == name).Encoding;

    /// <summary>The encoding, as the API has it.</summary>
    public static AudioEncoding ToMessage(SpeechEncoding encoding) => Array.Find(All, known => known.Encoding == encoding).Message;

    /// <summary>The name of an encoding; unspecified is PCM.</summary>
    public static string Of(AudioEncoding encoding) => Array.Find(All, known => known.Message == encoding).Name ?? All[0].Name;

    /// <summary>A form in words, such as <c>wav 16000 Hz mono</c>.</summary>
    public static string Describe(AudioFormat format) =>
        $"{Of(format.Encoding)}{(format.SampleRate > 0 ? $" {format.SampleRate} Hz" : "")}{format.Channels switch { 1 => " mono", 2 => " stereo", _ => "" }}";

    /// <summary>What viewers get, in words, such as <c>ogg_opus 48000 Hz</c>.</summary>
    public static string Describe(Delivery delivery) => $"{Of(delivery.AudioEncoding)} {delivery.SampleRate} Hz";
}
