using System.Buffers;
using MotionGateway.OggOpus;
using MotionGateway.V1;

namespace MotionGateway.Cli.Audio;

/// <summary>Saves the speech of a feed as WAV, whichever way it is delivered.</summary>
/// <param name="path">The file.</param>
/// <param name="onNotice">Is told of speech that cannot be saved.</param>
internal sealed class SavedSpeech(string path, Action<string> onNotice) : IDisposable
{
    private readonly WavWriter _file = new(path);
    private readonly ArrayBufferWriter<byte> _samples = new();
    private readonly Dictionary<string, OggOpusDecoder?> _decoders = [];

    /// <summary>Takes what the feed brings.</summary>
    public void Add(SubscribeResponse response)
    {
        if (response.Started is { } started)
        {
            _file.SampleRate = started.SampleRate;
        }
        else if (response.Payload is { } payload)
        {
            Add(payload);
        }
    }

    /// <summary>Completes the file.</summary>
    public void Dispose()
    {
        foreach (var decoder in _decoders.Values)
        {
            decoder?.Dispose();
        }

        _file.Dispose();
    }

    private void Add(Payload payload)
    {
        switch (payload.ContentCase)
        {
            case Payload.ContentOneofCase.TurnStarted when payload.TurnStarted.AudioEncoding == AudioEncoding.OggOpus:
                EndTurn(payload.TurnId);
                _decoders[payload.TurnId] = new OggOpusDecoder(payload.TurnStarted.SampleRate);
                Decode(payload.TurnId, payload.TurnStarted.AudioHeader.Span);
                break;
            case Payload.ContentOneofCase.Audio when _decoders.ContainsKey(payload.TurnId):
                Decode(payload.TurnId, payload.Audio.Data.Span);
                break;
            case Payload.ContentOneofCase.Audio when payload.Audio.Data.Span.StartsWith("OggS"u8):
                _decoders[payload.TurnId] = null;
                onNotice($"Turn {payload.TurnId} is Ogg Opus and was joined behind its header: its speech is not saved.");
                break;
            case Payload.ContentOneofCase.Audio:
                _file.Write(payload.Audio.Data.Span);
                break;
            case Payload.ContentOneofCase.TurnEnded:
                EndTurn(payload.TurnId);
                break;
            default:
                break;
        }
    }

    private void Decode(string turnId, ReadOnlySpan<byte> pages)
    {
        if (_decoders[turnId] is not { } decoder)
        {
            return;
        }

        _samples.ResetWrittenCount();
        try
        {
            decoder.Decode(pages, _samples);
        }
        catch (OggOpusException failure)
        {
            decoder.Dispose();
            _decoders[turnId] = null;
            onNotice($"The rest of turn {turnId} is not saved: {failure.Message}");
        }

        _file.Write(_samples.WrittenSpan);
    }

    private void EndTurn(string turnId)
    {
        if (_decoders.Remove(turnId, out var decoder))
        {
            decoder?.Dispose();
        }
    }
}
