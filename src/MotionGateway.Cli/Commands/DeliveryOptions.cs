using System.CommandLine;
using MotionGateway.V1;

namespace MotionGateway.Cli.Commands;

/// <summary>Options that say how viewers get a session. What is left out is the gateway's default.</summary>
internal sealed class DeliveryOptions
{
    private static readonly Dictionary<string, AudioRelease> Releases = new(StringComparer.Ordinal)
    {
        ["paced"] = AudioRelease.Paced,
        ["with-motion"] = AudioRelease.WithMotion,
        ["at-once"] = AudioRelease.AtOnce,
    };

    private readonly Option<string?> _deliver = Deliver();
    private readonly Option<string?> _release = new("--audio-release")
    {
        Description = "When audio is released: paced by its motion, with its first motion, or at once. [default: paced]",
    };

    private readonly Option<int?> _lead = Milliseconds("--max-lead-ms", "Release payloads at most so far ahead of playback.");
    private readonly Option<int?> _motionWait = Milliseconds("--max-motion-wait-ms", "How long audio may wait for motion.");
    private readonly Option<int?> _payload = Milliseconds("--max-payload-ms", "How long one payload of audio may last.");

    public DeliveryOptions() => _release.AcceptOnlyFromAmong([.. Releases.Keys]);

    /// <summary>The option that chooses what viewers get.</summary>
    private static Option<string?> Deliver()
    {
        var deliver = new Option<string?>("--deliver") { Description = "Viewers get audio as PCM, or as Ogg Opus in about a third of the bytes. [default: pcm]" };
        deliver.AcceptOnlyFromAmong("pcm", "opus");
        return deliver;
    }

    /// <summary>The encoding that was chosen.</summary>
    private static AudioEncoding ToEncoding(string? deliver) => deliver switch
    {
        "pcm" => AudioEncoding.PcmS16Le,
        "opus" => AudioEncoding.OggOpus,
        _ => AudioEncoding.Unspecified,
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_deliver, _release, _lead, _motionWait, _payload])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What they say; null when none is given.</summary>
    public Delivery? Read(ParseResult parsed)
    {
        var delivery = new Delivery
        {
            AudioEncoding = ToEncoding(parsed.GetValue(_deliver)),
            AudioRelease = parsed.GetValue(_release) is { } release ? Releases[release] : AudioRelease.Unspecified,
            MaxLeadMs = parsed.GetValue(_lead) ?? 0,
            MaxMotionWaitMs = parsed.GetValue(_motionWait) ?? 0,
            MaxPayloadMs = parsed.GetValue(_payload) ?? 0,
        };
        return delivery.CalculateSize() == 0 ? null : delivery;
    }

    private static Option<int?> Milliseconds(string name, string description) =>
        new(name) { Description = $"{description} [default: the gateway's]", HelpName = "MS" };
}
