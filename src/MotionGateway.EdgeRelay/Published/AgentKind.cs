using System.Text.Json;
using Google.Protobuf;
using MotionGateway.V1;

namespace MotionGateway.EdgeRelay;

/// <summary>
/// JSON on <c>/ws/agent</c>, as the demo clients for web, iOS, Android and Flutter speak it, and their older versions: those want
/// <c>turnId</c> in each message, which the newer ones ignore.
/// </summary>
internal sealed class AgentKind : IPublishedKind
{
    private static readonly byte[] Pong = PublishedJson.Write("pong");
    private static readonly byte[] AgentReady = PublishedJson.Write("agent_ready");
    private static readonly byte[] MayNotTalk = WriteError("This viewer may watch, and not talk.");
    private static readonly byte[] NoClip = WriteError("There is no such clip to be said in this session.");

    public FeedStart Start => FeedStart.Now;

    public bool AwaitsStart => false;

    public bool IsOneTurn => false;

    public AudioEndMark AudioEnd => AudioEndMark.Apart;

    public byte[] Ready(PublishedSession session) => PublishedJson.Write(session, static (json, session) =>
    {
        json.WriteString("type", "ready");
        json.WriteString("sessionId", session.SessionId);
        json.WriteStartObject("avatar");
        PublishedConfig.WriteProperties(json, session);
        json.WriteEndObject();
        PublishedConfig.WriteMissing(json);
    });

    public byte[] Audio(string turnId, ReadOnlySpan<byte> pcm, bool isLast) =>
        PublishedJson.Write(new MediaPiece(turnId, pcm, isLast), static (json, piece) =>
        {
            json.WriteString("type", "avatar_audio");
            json.WriteBase64String("audio", piece.Data);
            json.WriteBoolean("isLast", piece.IsLast);
            json.WriteString("turnId", piece.TurnId);
        });

    public byte[] Motion(string turnId, ReadOnlySpan<byte> envelope, bool isLast) =>
        PublishedJson.Write(new MediaPiece(turnId, envelope, isLast), static (json, piece) =>
        {
            json.WriteString("type", "avatar_frames");
            json.WriteStartArray("frames");
            if (!piece.Data.IsEmpty)
            {
                json.WriteBase64StringValue(piece.Data);
            }

            json.WriteEndArray();
            json.WriteBoolean("isLast", piece.IsLast);
            json.WriteString("turnId", piece.TurnId);
        });

    public byte[] MotionEnd(string turnId) => Motion(turnId, default, isLast: true);

    public byte[] Interrupt(string reason) => PublishedJson.Write("interrupt", "reason", reason);

    public byte[] Transcript(bool isUser, string text) => PublishedJson.Write((isUser, text), static (json, said) =>
    {
        json.WriteString("type", "transcript");
        json.WriteString("role", said.isUser ? "user" : "assistant");
        json.WriteString("text", said.text);
    });

    public byte[] Status(string message) => PublishedJson.Write("status", "message", message);

    public byte[] Error(string message) => WriteError(message);

    public bool IsText(ReadOnlySpan<byte> message) => true;

    public PublishedRequest Read(ReadOnlyMemory<byte> message)
    {
        if (PublishedJson.Read(message) is not { } json)
        {
            return PublishedRequest.None;
        }

        return PublishedJson.GetText(json, "type") switch
        {
            "ping" => new PublishedRequest { Answer = Pong },
            "start_agent" => new PublishedRequest { Answer = AgentReady, AnswerToListener = MayNotTalk },
            "play_sample" => new PublishedRequest { Clip = PublishedJson.GetText(json, "clip"), ClipRefusal = NoClip },
            "interrupt" => new PublishedRequest { Event = new ViewerEvent { Interrupt = new ViewerInterrupt() } },
            "text" or "text_query" => ReadText(PublishedJson.GetText(json, "text")),
            "mic_audio" => ReadMicrophone(json),

            // An unknown message is no failure, by which the client would end what it waits for.
            _ => PublishedRequest.None,
        };
    }

    private static byte[] WriteError(string message) => PublishedJson.Write("error", "message", message);

    private static PublishedRequest ReadText(string text) =>
        string.IsNullOrWhiteSpace(text) ? PublishedRequest.None : new PublishedRequest { Event = new ViewerEvent { Text = text } };

    private static PublishedRequest ReadMicrophone(JsonElement json) =>
        PublishedJson.GetBytes(json, "audio") is { Length: > 0 } pcm
            ? new PublishedRequest
            {
                Event = new ViewerEvent
                {
                    MicrophoneAudio = new MicrophoneAudio
                    {
                        SampleRate = IPublishedKind.SampleRate,
                        Data = UnsafeByteOperations.UnsafeWrap(pcm),
                    },
                },
            }
            : PublishedRequest.None;
}
