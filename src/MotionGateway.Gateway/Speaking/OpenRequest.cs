using MotionGateway.Feeds;
using MotionGateway.MotionServer;
using MotionGateway.OggOpus;
using MotionGateway.Sessions;
using MotionGateway.Speech;
using MotionGateway.V1;

namespace MotionGateway.Gateway;

/// <summary>What an <c>OpenSession</c> asks for, with every default filled in.</summary>
internal static class OpenRequest
{
    private const int MaxLabels = 16;
    private const int MaxLabelBytes = 256;
    private const int DefaultRate = 24_000;

    private static readonly TimeSpan DefaultLead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultMotionWait = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan DefaultPayload = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan DefaultUpstream = TimeSpan.FromSeconds(1);

    /// <param name="open">The request.</param>
    /// <param name="app">Name of the app that it is opened under.</param>
    /// <param name="options">The settings in force.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <exception cref="GatewayException">A field makes no sense; what only a session can judge is checked by it.</exception>
    public static SessionSettings ToSettings(OpenSession open, string app, GatewayOptions options, TimeProvider timeProvider)
    {
        var limits = options.Limits;
        var delivery = open.Delivery ?? new Delivery();
        Validate(open);
        var form = ToForm(open.AudioFormat ?? throw Requests.Invalid("open.audio_format", "The audio format is required: set its sample_rate."));
        var audioEncoding = OrDefault(delivery.AudioEncoding, AudioEncoding.PcmS16Le, "open.delivery.audio_encoding");
        return new SessionSettings
        {
            AvatarId = open.AvatarId,
            SpeechFormat = form,
            AudioEncoding = audioEncoding,
            SampleRate = delivery.SampleRate != 0 ? delivery.SampleRate : ChooseRate(form, audioEncoding),
            App = app,
            AudioRelease = OrDefault(delivery.AudioRelease, AudioRelease.Paced, "open.delivery.audio_release"),
            TurnRelease = OrDefault(delivery.TurnRelease, TurnRelease.AfterPrevious, "open.delivery.turn_release"),
            MaxLead = OrDefault(delivery.MaxLeadMs, DefaultLead, limits.MaxLead, "open.delivery.max_lead_ms"),
            MaxMotionWait = OrDefault(delivery.MaxMotionWaitMs, DefaultMotionWait, limits.MaxMotionWait, "open.delivery.max_motion_wait_ms"),
            MaxPayload = OrDefault(delivery.MaxPayloadMs, DefaultPayload, DefaultPayload, "open.delivery.max_payload_ms"),
            MaxUpstream = OrDefault(delivery.MaxUpstreamMs, DefaultUpstream, DefaultUpstream, "open.delivery.max_upstream_ms"),
            RefuseBeyondCredit = OrDefault(delivery.CreditPolicy, CreditPolicy.Wait, "open.delivery.credit_policy") == CreditPolicy.Refuse,
            Egress = RoomRequest.ToEgress(open.Egress, options.GetApps()[app], options.PublisherTokenLifetime, timeProvider),
            Labels = open.Labels.ToDictionary(),
        };
    }

    private static void Validate(OpenSession open)
    {
        if (open.Labels.Count > MaxLabels)
        {
            throw Requests.Invalid("open.labels", $"At most {MaxLabels} labels are taken.");
        }

        foreach (var (key, value) in open.Labels)
        {
            Requests.ValidateText("open.labels", key, Requests.MaxKindBytes);
            Requests.ValidateText("open.labels", value, MaxLabelBytes);
        }
    }

    private static SpeechFormat ToForm(AudioFormat format)
    {
        var encoding = OrDefault(format.Encoding, AudioEncoding.PcmS16Le, "open.audio_format.encoding") switch
        {
            AudioEncoding.PcmF32Le => SpeechEncoding.PcmF32Le,
            AudioEncoding.Mulaw => SpeechEncoding.MuLaw,
            AudioEncoding.Alaw => SpeechEncoding.ALaw,
            AudioEncoding.Wav => SpeechEncoding.Wav,
            AudioEncoding.OggOpus => SpeechEncoding.OggOpus,
            _ => SpeechEncoding.PcmS16Le,
        };
        bool isToldByHeaders = encoding is SpeechEncoding.Wav or SpeechEncoding.OggOpus;
        return new SpeechFormat(encoding, format.SampleRate, format.Channels == 0 && !isToldByHeaders ? 1 : format.Channels);
    }

    // The rate of the speech, where a timeline can have it; else the next higher one, so that nothing of it is lost.
    private static int ChooseRate(SpeechFormat form, AudioEncoding audioEncoding)
    {
        if (form.Encoding == SpeechEncoding.OggOpus || audioEncoding == AudioEncoding.OggOpus)
        {
            return OpusSampleRates.Granule;
        }

        int wanted = form.SampleRate == 0 ? DefaultRate : form.SampleRate;
        return MotionAudioFormat.SupportedSampleRates.Where(rate => rate >= wanted).DefaultIfEmpty(OpusSampleRates.Granule).Min();
    }

    private static TimeSpan OrDefault(int milliseconds, TimeSpan whenZero, TimeSpan most, string field) => milliseconds switch
    {
        < 0 => throw Requests.Invalid(field, "It must not be negative: 0 means the default."),
        0 => whenZero < most ? whenZero : most,
        _ => TimeSpan.FromMilliseconds(milliseconds),
    };

    private static T OrDefault<T>(T value, T whenUnspecified, string field)
        where T : struct, Enum =>
        EqualityComparer<T>.Default.Equals(value, default) ? whenUnspecified
        : Enum.IsDefined(value) ? value
        : throw Requests.Invalid(field, $"{value} is none of {string.Join(", ", Enum.GetNames<T>().Skip(1))}.");
}
