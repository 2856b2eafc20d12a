using System.Buffers.Binary;

namespace MotionGateway.Cli.Demo.Agent;

/// <summary>
/// Takes a microphone's audio, and tells where an utterance ends: at a silence, at <see cref="Longest"/>, or when the microphone
/// does. Loudness is measured against the quietest that was heard lately, so that a noisy room does not speak.
/// </summary>
internal sealed class UtteranceRecorder(int sampleRate)
{
    /// <summary>An utterance lasts so long at most; what follows is another.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>So much silence ends it.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(800);

    private const int FramesPerSecond = 50;
    // Kept before the first sound, which begins softly.
    private const int LeadInFrames = FramesPerSecond * 3 / 10;
    // A click is shorter.
    private const int VoicedFrames = FramesPerSecond * 6 / 100;
    // -42 dB and -36 dB of full scale: beyond three times the latter all is taken for voice.
    private const double QuietestVoice = 260;
    private const double LoudestNoise = 500;
    private const double AboveNoise = 3;
    // The noise is believed to rise by so much a frame, until a quieter one proves it wrong: twofold in about 7 s.
    private const double NoiseRise = 1.002;

    private readonly int _frameBytes = sampleRate / FramesPerSecond * sizeof(short);
    private readonly List<byte> _audio = [];
    private double _noise = LoudestNoise;
    private int _measured;
    private int _voiced;
    private int _silent;
    private bool _isSpeaking;

    /// <summary>Hertz.</summary>
    public int SampleRate => sampleRate;

    /// <summary>Takes audio.</summary>
    /// <param name="samples">Mono signed 16-bit little-endian samples.</param>
    /// <returns>The utterance that ended with it; null when none did.</returns>
    public Utterance? Add(ReadOnlySpan<byte> samples)
    {
        _audio.AddRange(samples);
        while (_audio.Count - _measured >= _frameBytes)
        {
            Measure();
            if (_isSpeaking && (_silent >= Frames(Silence) || _measured >= Frames(Longest) * _frameBytes))
            {
                return Take();
            }
        }

        return null;
    }

    /// <summary>The microphone has ended.</summary>
    /// <returns>What was being said; without samples where nothing was.</returns>
    public Utterance Complete()
    {
        _measured = _audio.Count;
        return _isSpeaking ? Take() : new Utterance(sampleRate, ReadOnlyMemory<byte>.Empty);
    }

    private static int Frames(TimeSpan time) => (int)(time.TotalSeconds * FramesPerSecond);

    private void Measure()
    {
        double level = Level(_measured);
        _measured += _frameBytes;
        _noise = Math.Min(level, Math.Min(_noise * NoiseRise, LoudestNoise));
        bool isVoice = level > Math.Max(QuietestVoice, _noise * AboveNoise);
        _voiced = isVoice ? _voiced + 1 : 0;
        _silent = isVoice ? 0 : _silent + 1;
        _isSpeaking |= _voiced >= VoicedFrames;
        int before = _measured - ((LeadInFrames + _voiced) * _frameBytes);
        if (!_isSpeaking && before > 0)
        {
            _audio.RemoveRange(0, before);
            _measured -= before;
        }
    }

    // Root of the mean square.
    private double Level(int at)
    {
        double sum = 0;
        Span<byte> sample = stackalloc byte[sizeof(short)];
        for (int i = at; i < at + _frameBytes; i += sizeof(short))
        {
            (sample[0], sample[1]) = (_audio[i], _audio[i + 1]);
            double value = BinaryPrimitives.ReadInt16LittleEndian(sample);
            sum += value * value;
        }

        return Math.Sqrt(sum / (_frameBytes / sizeof(short)));
    }

    private Utterance Take()
    {
        byte[] samples = [.. _audio[.._measured]];
        _audio.RemoveRange(0, _measured);
        (_measured, _voiced, _silent, _isSpeaking) = (0, 0, 0, false);
        return new Utterance(sampleRate, samples);
    }
}
