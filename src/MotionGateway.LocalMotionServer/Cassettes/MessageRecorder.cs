using System.Net.WebSockets;
using MotionGateway.LocalMotion.Ingress;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>Turns what passes on one connection into entries of the cassette.</summary>
internal sealed class MessageRecorder(int connection, CassetteWriter cassette, SecretMask secrets, LocalMotionServerCounters counters)
{
    // More requests at one time are not told apart, and not counted.
    private const int MaxOpenRequests = 256;

    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private long _requests;

    /// <summary>Requests whose first audio has passed.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Milliseconds since the recording began.</summary>
    public double Now => cassette.Now;

    public ValueTask MessageAsync(string from, double ms, ReadOnlySpan<byte> bytes, WebSocketMessageType type)
    {
        CassetteEntry entry = NewEntry(from, ms, type == WebSocketMessageType.Text ? CassetteKind.Text : CassetteKind.Message);
        return cassette.AddAsync(type == WebSocketMessageType.Text ? entry with { Data = secrets.MaskText(bytes) } : WithMessage(entry, bytes));
    }

    /// <summary>A message that is too long to be kept.</summary>
    public ValueTask OmittedAsync(string from, double ms, long length, WebSocketMessageType type)
    {
        CassetteEntry entry = NewEntry(from, ms, type == WebSocketMessageType.Text ? CassetteKind.Text : CassetteKind.Message);
        return cassette.AddAsync(entry with { OmittedBytes = length });
    }

    public ValueTask CloseAsync(string from, WebSocketCloseStatus code, string? reason) =>
        cassette.AddAsync(NewEntry(from, Now, CassetteKind.Close) with { Code = (int)code, Reason = secrets.Mask(reason ?? "") });

    public ValueTask CutAsync(string from) =>
        cassette.AddAsync(NewEntry(from, Now, CassetteKind.Cut));

    private static CassetteEntry Describe(CassetteEntry entry, Message? message) => message switch
    {
        { ClientConfigureSession: { } configuration } => entry with
        {
            Message = nameof(ClientConfigureSession),
            AudioFormat = configuration.AudioFormat == AudioFormat.OggOpus ? "OGG_OPUS" : "PCM_S16LE",
            SampleRate = configuration.SampleRate,
        },
        { ServerConfirmSession: not null } => entry with { Message = nameof(ServerConfirmSession) },
        { ClientAudioInput: { } audio } => entry with { Message = nameof(ClientAudioInput), ReqId = audio.ReqId },
        { ServerError: { } error } => entry with { Message = nameof(ServerError), ReqId = error.ReqId },
        { ServerResponseAnimation: { } animation } => entry with { Message = nameof(ServerResponseAnimation), ReqId = animation.ReqId },
        { ClientInterrupt: { } interrupt } => entry with { Message = nameof(ClientInterrupt), ReqId = interrupt.ReqId },
        { ClientPause: { } pause } => entry with { Message = nameof(ClientPause), ReqId = pause.ReqId },
        { ClientResume: { } resume } => entry with { Message = nameof(ClientResume), ReqId = resume.ReqId },
        { ServerPlaybackState: { } state } => entry with { Message = nameof(ServerPlaybackState), ReqId = state.ReqId },
        _ => entry,
    };

    private CassetteEntry NewEntry(string from, double ms, string kind) => new() { Ms = ms, Connection = connection, From = from, Kind = kind };

    private CassetteEntry WithMessage(CassetteEntry entry, ReadOnlySpan<byte> bytes)
    {
        Message? message = MessageBytes.TryParse(bytes);
        Count(entry.From, message);
        byte[] masked = secrets.MaskMessage(bytes, message);
        entry = Describe(entry, message) with { Data = masked };
        return entry.ReqId is { } reqId ? entry with { ReqId = secrets.Mask(reqId) } : entry;
    }

    private void Count(string? from, Message? message)
    {
        if (from == CassetteSide.Server)
        {
            if (message?.ServerResponseAnimation is { } animation)
            {
                counters.AnimationSent(animation.Animation?.Keyframes.Count ?? 0);
            }

            return;
        }

        counters.MessageReceived();
        if (message?.ClientAudioInput is { ReqId.Length: > 0 } audio)
        {
            if (_open.Count < MaxOpenRequests && _open.Add(audio.ReqId))
            {
                Interlocked.Increment(ref _requests);
                counters.RequestStarted();
            }

            if (audio.End)
            {
                _open.Remove(audio.ReqId);
            }
        }
    }
}
