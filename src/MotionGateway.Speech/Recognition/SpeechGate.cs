namespace MotionGateway.Speech.Recognition;

/// <summary>
/// Lets a turn's bytes through, unless a chunk begins with something that is no samples. What may yet become such a beginning is held
/// until it is decided; all else passes at once, as it came.
/// </summary>
/// <param name="encoding">What the bytes are said to be.</param>
internal sealed class SpeechGate(SpeechEncoding encoding)
{
    private readonly List<int> _chunkStarts = [];
    private byte[] _held = [];
    private int _heldLength;
    private int _passedLength;
    private bool _isOpen;

    /// <summary>Bytes that are held for a decision.</summary>
    public int HeldLength => _heldLength - _passedLength;

    /// <summary>Takes a chunk.</summary>
    /// <param name="chunk">Its bytes.</param>
    /// <param name="isEnd">Whether nothing follows: what is held is decided as it is.</param>
    /// <exception cref="SpeechFormatException">It is something else than samples.</exception>
    public Passed Take(ReadOnlySpan<byte> chunk, bool isEnd = false)
    {
        DropPassed();
        if (_heldLength > 0)
        {
            Hold(chunk);
            return Decide(isEnd);
        }

        if (chunk.IsEmpty || _isOpen)
        {
            return new(chunk);
        }

        switch (Recognizer.Match(chunk, isEnd, encoding, out var finding))
        {
            case Match.Perhaps:
                Hold(chunk);
                return default;
            case Match.Yes:
                return Begin(default, chunk, finding!);
            default:
                OpenForOpus();
                return new(chunk);
        }
    }

    private Passed Decide(bool isEnd)
    {
        var held = _held.AsSpan(0, _heldLength);
        for (int index = 0; index < _chunkStarts.Count && !_isOpen; index++)
        {
            int start = _chunkStarts[index];
            switch (Recognizer.Match(held[start..], isEnd, encoding, out var finding))
            {
                case Match.Perhaps:
                    _passedLength = start;
                    return new(held[..start]);
                case Match.Yes:
                    _passedLength = _heldLength;
                    return Begin(held[..start], held[start..], finding!);
                default:
                    OpenForOpus();
                    break;
            }
        }

        _passedLength = _heldLength;
        return new(held);
    }

    private Passed Begin(ReadOnlySpan<byte> before, ReadOnlySpan<byte> file, Finding finding)
    {
        if (finding.Encoding != encoding)
        {
            throw new SpeechFormatException(SpeechFault.WrongEncoding, finding.Name, finding.Remedy);
        }

        OpenForOpus();
        return new(before, file);
    }

    // Packets are anything; pages check themselves.
    private void OpenForOpus() => _isOpen = encoding == SpeechEncoding.OggOpus;

    private void Hold(ReadOnlySpan<byte> chunk)
    {
        if (chunk.IsEmpty)
        {
            return;
        }

        if (_heldLength + chunk.Length > _held.Length)
        {
            Array.Resize(ref _held, Math.Max(_heldLength + chunk.Length, Math.Max(64, 2 * _held.Length)));
        }

        _chunkStarts.Add(_heldLength);
        chunk.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += chunk.Length;
    }

    private void DropPassed()
    {
        if (_passedLength == 0)
        {
            return;
        }

        _held.AsSpan(_passedLength, _heldLength - _passedLength).CopyTo(_held);
        _heldLength -= _passedLength;
        _chunkStarts.RemoveAll(start => start < _passedLength);
        for (int index = 0; index < _chunkStarts.Count; index++)
        {
            _chunkStarts[index] -= _passedLength;
        }

        _passedLength = 0;
    }
}
