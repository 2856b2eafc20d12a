using System.Text.Json;

namespace MotionGateway.EdgeRelay.Tests.Published;

/// <summary>
/// What becomes of the messages of <c>/ws/agent</c> in a published client: it holds one conversation, that of the latest audio, drops
/// motion without one, and forgets it with the last motion or an interrupt.
/// </summary>
internal sealed class StrictPlayer
{
    private PlayedTurn? _current;

    public List<PlayedTurn> Turns { get; } = [];

    /// <summary>What such a client would lose or mix up.</summary>
    public List<string> Faults { get; } = [];

    public void Take(IEnumerable<JsonElement> messages)
    {
        foreach (var message in messages)
        {
            Take(message);
        }
    }

    public void Take(JsonElement message)
    {
        switch (PublishedClient.TypeOf(message))
        {
            case "avatar_audio":
                TakeAudio(message);
                break;
            case "avatar_frames":
                TakeMotion(message);
                break;
            case "interrupt":
                _current = null;
                break;
        }
    }

    private void TakeAudio(JsonElement message)
    {
        string turnId = message.GetProperty("turnId").GetString()!;
        if (_current is null)
        {
            Turns.Add(_current = new PlayedTurn(turnId));
        }

        if (_current.Id != turnId || _current.IsAudioOver)
        {
            Faults.Add($"audio of {turnId} came within {_current.Id}");
        }

        _current.Audio.AddRange(message.GetProperty("audio").GetBytesFromBase64());
        _current.IsAudioOver = message.GetProperty("isLast").GetBoolean();
    }

    private void TakeMotion(JsonElement message)
    {
        string turnId = message.GetProperty("turnId").GetString()!;
        if (_current?.Id != turnId || _current.Audio.Count == 0)
        {
            Faults.Add($"motion of {turnId} is dropped");
            return;
        }

        _current.Motion.AddRange(message.GetProperty("frames").EnumerateArray().Select(frame => frame.GetBytesFromBase64()));
        if (message.GetProperty("isLast").GetBoolean())
        {
            _current.IsMotionOver = true;
            if (!_current.IsAudioOver)
            {
                Faults.Add($"the conversation of {turnId} is forgotten before its audio is over");
            }

            _current = null;
        }
    }
}
