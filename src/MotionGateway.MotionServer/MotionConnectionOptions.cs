namespace MotionGateway.MotionServer;

/// <summary>What one connection is for: an avatar, the format of its speech, and where its motion goes.</summary>
public sealed class MotionConnectionOptions
{
    /// <summary>Creates options for motion that comes back over the connection.</summary>
    /// <param name="avatarId">The avatar that motion is made for; belongs to the app.</param>
    /// <param name="audio">The format of all speech on the connection.</param>
    /// <exception cref="ArgumentException">The avatar id is empty.</exception>
    public MotionConnectionOptions(string avatarId, MotionAudioFormat audio)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(avatarId);
        ArgumentNullException.ThrowIfNull(audio);
        (AvatarId, Audio) = (avatarId, audio);
    }

    /// <summary>The avatar that motion is made for.</summary>
    public string AvatarId { get; }

    /// <summary>The format of all speech on the connection.</summary>
    public MotionAudioFormat Audio { get; }

    /// <summary>
    /// Where the Motion Server publishes speech and motion: <see cref="LiveKitEgress"/> or <see cref="AgoraEgress"/>. Null (the default) sends motion back over the
    /// connection; with egress none comes back.
    /// </summary>
    public MotionEgress? Egress { get; init; }

    /// <summary>Further parameters that the service knows by name; copied, and passed on as they are. Default none.</summary>
    /// <exception cref="ArgumentException">A value is null.</exception>
    public IReadOnlyDictionary<string, string> ExtraParameters
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value.ToDictionary();
            if (field.FirstOrDefault(parameter => parameter.Value is null).Key is { } name)
            {
                throw new ArgumentException($"The parameter '{name}' has no value.", nameof(value));
            }
        }
    } = new Dictionary<string, string>();

    /// <summary>
    /// Is given each request's whole Ogg Opus stream once it has been sent, where PCM is encoded on its way (<see cref="MotionAudioFormat.PcmToOggOpus"/>): to keep it,
    /// or to mirror it. Runs within the send of the last chunk, after the wire has it; an exception reaches that send's caller. Streams of more than 64 MiB are not kept.
    /// Null (the default) keeps none.
    /// </summary>
    public Action<EncodedSpeech>? OnStreamCompleted { get; init; }

    /// <summary>
    /// Whether whoever reads motion goes on, when some has come, on the thread that received it: one change of threads less for each message. Only for readers that
    /// never block, since nothing is received meanwhile. Default false.
    /// </summary>
    public bool AllowSynchronousContinuations { get; init; }

    /// <summary>The avatar and the format; never what egress holds.</summary>
    public override string ToString() => $"MotionConnectionOptions {{ AvatarId = {AvatarId}, Audio = {Audio} }}";
}
