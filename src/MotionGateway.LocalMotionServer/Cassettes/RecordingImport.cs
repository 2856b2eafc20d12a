using System.Text.Json;
using Google.Protobuf;
using MotionGateway.LocalMotion.Motion;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Cassettes;

/// <summary>
/// Reads the JSON form of a recording. It has no times: each motion message comes when as much audio has come as it covers, and the
/// last one after the audio's end.
/// </summary>
internal static class RecordingImport
{
    /// <exception cref="CassetteException">The content is no such recording.</exception>
    public static Cassette Read(string path, byte[] content)
    {
        ImportedRecording recording = Parse(path, content);
        if (recording is not { Audio: not null, ConnectionId: not null, RequestId: { Length: > 0 } requestId, Messages: { Count: > 0 } messages })
        {
            throw new CassetteException(path, null, "is neither a cassette nor a recording: it needs sample_rate, audio_base64, connection_id, req_id "
                + "and at least one of animation_messages_base64. Cassettes are written by motion-server --record.");
        }

        if (!MotionTimeline.SampleRates.Contains(recording.SampleRate))
        {
            throw new CassetteException(path, null, FormattableString.Invariant($"sample_rate {recording.SampleRate} is none of {string.Join(", ", MotionTimeline.SampleRates)}."));
        }

        Decode(path, "audio_base64", recording.Audio);
        var connection = new RecordedConnection { Number = 1, ConnectionId = recording.ConnectionId, SampleRate = recording.SampleRate };
        connection.Handshake.Events.Add(new RecordedEvent
        {
            Kind = EventKind.Message,
            Anchor = default,
            Delay = TimeSpan.Zero,
            Data = new Message
            {
                Type = MessageType.MessageServerConfirmSession,
                ServerConfirmSession = new ServerConfirmSession { ConnectionId = recording.ConnectionId },
            }.ToByteArray(),
        });
        var request = new RecordedRequest(requestId);
        connection.Requests.Add(request);
        AddMotion(path, recording.SampleRate, messages, request);
        return new Cassette([], [connection]);
    }

    private static void AddMotion(string path, int sampleRate, IReadOnlyList<string> messages, RecordedRequest request)
    {
        long keyframes = 0;
        for (int i = 0; i < messages.Count; i++)
        {
            string name = FormattableString.Invariant($"animation_messages_base64[{i}]");
            byte[] envelope = Decode(path, name, messages[i]);
            keyframes += CountKeyframes(path, name, envelope);
            bool last = i == messages.Count - 1;
            long bytes = keyframes * MotionTimeline.SamplesPerKeyframe(sampleRate) * sizeof(short);
            request.Events.Add(new RecordedEvent
            {
                Kind = EventKind.Message,
                Anchor = last ? new Anchor(AnchorKind.End, 0) : new Anchor(AnchorKind.Audio, bytes),
                Delay = last ? TimeSpan.Zero : MotionTimeline.TimeOf(keyframes),
                Data = envelope,
            });
        }
    }

    private static ImportedRecording Parse(string path, byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, CassetteJson.Default.ImportedRecording) ?? throw new JsonException("It is null.");
        }
        catch (JsonException failure)
        {
            int? line = failure.LineNumber is { } number ? (int)number + 1 : null;
            throw new CassetteException(path, line, "is neither a cassette nor the JSON form of a recording. Cassettes are written by motion-server --record.", failure);
        }
    }

    private static byte[] Decode(string path, string name, string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException failure)
        {
            throw new CassetteException(path, null, $"{name} is not base64; take the file from its source again.", failure);
        }
    }

    private static int CountKeyframes(string path, string name, byte[] envelope)
    {
        try
        {
            return Message.Parser.ParseFrom(envelope).ServerResponseAnimation?.Animation?.Keyframes.Count
                ?? throw new CassetteException(path, null, $"{name} is no message with an animation; take the file from its source again.");
        }
        catch (InvalidProtocolBufferException failure)
        {
            throw new CassetteException(path, null, $"{name} is no message of the protocol; take the file from its source again.", failure);
        }
    }
}
