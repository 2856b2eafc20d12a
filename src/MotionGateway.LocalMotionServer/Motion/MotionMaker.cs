using System.Buffers.Binary;
using MotionGateway.Messages.DrivenIngress.V2;

namespace MotionGateway.LocalMotion.Motion;

/// <summary>
/// Makes one request's motion from its PCM, which may be cut anywhere, also within a sample. What comes out depends on the samples
/// alone, not on how they were cut: a full segment is held until a keyframe beyond it is complete, for only then it is known not to
/// be the last, and the last one carries the end.
/// </summary>
internal sealed class MotionMaker
{
    private readonly SpeechAnalyzer _analyzer;
    private readonly FaceAnimator _animator = new();
    private readonly short[] _window;
    private readonly int _nextSegments;
    private FlameAnimation _segment = new();
    private long _segmentStart;
    private int _segmentLength;
    private int _windowFill;
    private int _carriedByte = -1;

    public MotionMaker(int sampleRate, int firstSegment, int nextSegments)
    {
        _analyzer = new SpeechAnalyzer(sampleRate);
        _window = new short[MotionTimeline.SamplesPerKeyframe(sampleRate)];
        _segmentLength = firstSegment;
        _nextSegments = nextSegments;
    }

    /// <summary>How far the keyframes that are made reach into the speech.</summary>
    public TimeSpan Made => MotionTimeline.TimeOf(_segmentStart + _segment.Keyframes.Count);

    /// <summary>Whether <see cref="CutReady"/> has something to give.</summary>
    public bool IsAnyReady => _segment.Keyframes.Count > 1;

    /// <summary>Takes audio and returns the segments that it completes.</summary>
    public IEnumerable<MotionSegment> Add(ReadOnlyMemory<byte> audio)
    {
        for (int offset = 0; offset < audio.Length;)
        {
            offset += FillWindow(audio.Span[offset..]);
            if (_windowFill < _window.Length)
            {
                continue;
            }

            if (_segment.Keyframes.Count == _segmentLength)
            {
                yield return Cut(end: false);
            }

            AddKeyframe();
        }
    }

    /// <summary>Ends the request: what is left is its last segment. Samples short of a keyframe are dropped, unless they are all there is.</summary>
    public MotionSegment End()
    {
        if (_segmentStart == 0 && _segment.Keyframes.Count == 0)
        {
            Array.Clear(_window, _windowFill, _window.Length - _windowFill);
            AddKeyframe();
        }

        return Cut(end: true);
    }

    /// <summary>What is there of the segment that is being made, but for a keyframe that may turn out to be the request's last.</summary>
    public MotionSegment CutReady()
    {
        Flame last = _segment.Keyframes[^1];
        _segment.Keyframes.RemoveAt(_segment.Keyframes.Count - 1);
        MotionSegment ready = Cut(end: false);
        _segment.Keyframes.Add(last);
        return ready;
    }

    /// <summary>Copies samples until the window is full; returns the bytes taken.</summary>
    private int FillWindow(ReadOnlySpan<byte> audio)
    {
        int offset = 0;
        if (_carriedByte >= 0)
        {
            _window[_windowFill++] = (short)(_carriedByte | (audio[0] << 8));
            _carriedByte = -1;
            offset = 1;
        }

        while (_windowFill < _window.Length && audio.Length - offset >= sizeof(short))
        {
            _window[_windowFill++] = BinaryPrimitives.ReadInt16LittleEndian(audio[offset..]);
            offset += sizeof(short);
        }

        if (_windowFill < _window.Length && audio.Length - offset == 1)
        {
            _carriedByte = audio[offset++];
        }

        return offset;
    }

    private void AddKeyframe()
    {
        _segment.Keyframes.Add(_animator.Next(_analyzer.Measure(_window)));
        _windowFill = 0;
    }

    private MotionSegment Cut(bool end)
    {
        var segment = new MotionSegment(_segment, _segmentStart, end);
        _segmentStart += _segment.Keyframes.Count;
        _segment = new FlameAnimation();
        _segmentLength = _nextSegments;
        return segment;
    }
}
