using Concentus;
using MotionGateway.Speech.Formats;

namespace MotionGateway.Speech.Resampling;

/// <summary>
/// Brings samples from one rate to another, as they come. n samples become n × to ÷ from, rounded, and the first stands where the first
/// stood: the filter's delay shows in when samples are given out, not in which. How the input is cut changes nothing.
/// </summary>
internal sealed class Resampler : IDisposable
{
    // The longest of the filters: flat to 0.9 of the lower rate's band, and neither image nor alias above -120 dB.
    private const int Quality = 10;

    private readonly IResampler _resampler;
    private readonly float[] _silence;
    private readonly int _from;
    private readonly int _to;
    private float[] _input = [];
    private long _taken;
    private long _given;

    /// <summary>Creates one for a turn.</summary>
    /// <param name="from">Hertz that come.</param>
    /// <param name="to">Hertz that go.</param>
    public Resampler(int from, int to)
    {
        (_from, _to) = (from, to);
        _resampler = ResamplerFactory.CreateResampler(1, from, to, Quality);
        _resampler.SkipZeroes();
        _silence = new float[_resampler.InputLatency + 1];
    }

    public void Process(ReadOnlySpan<float> samples, SampleBuffer output)
    {
        if (_input.Length < samples.Length)
        {
            _input = new float[samples.Length];
        }

        samples.CopyTo(_input);
        _taken += samples.Length;
        Push(_input.AsSpan(0, samples.Length), output, long.MaxValue);
    }

    /// <summary>Gives out the rest.</summary>
    public void Complete(SampleBuffer output)
    {
        long end = ((2 * _taken * _to) + _from) / (2L * _from);
        while (_given < end)
        {
            Push(_silence, output, end);
        }
    }

    public void Dispose() => _resampler.Dispose();

    private void Push(Span<float> samples, SampleBuffer output, long end)
    {
        while (!samples.IsEmpty)
        {
            int length = samples.Length;
            int room = (int)(((long)length * _to / _from) + 2);
            var target = output.Room(room);
            _resampler.Process(0, samples, ref length, target, ref room);
            room = (int)Math.Min(room, end - _given);
            output.Advance(room);
            _given += room;
            samples = samples[length..];
        }
    }
}
