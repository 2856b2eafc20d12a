using System.Diagnostics;

namespace MotionGateway.Sessions;

/// <summary>
/// A turn's speech, by sample, for as long as anybody needs it: until it is in the log, has been sent to the Motion Server,
/// and its motion is there. Whoever reads has a position of its own, so that sending and sending again are the same.
/// </summary>
/// <remarks>Slabs are not pooled: a send may still read one when the turn has let go of it.</remarks>
internal sealed class KeptSpeech
{
    private const int SlabBytes = 32 * 1024;

    private readonly List<byte[]> _slabs = [];
    private int _dropped;
    private long _endByte;

    /// <summary>Samples of the turn so far.</summary>
    public long Samples => _endByte / sizeof(short);

    /// <summary>The first sample that is still there.</summary>
    public long FirstKept => (long)_dropped * SlabBytes / sizeof(short);

    /// <summary>Bytes of memory held.</summary>
    public long HeldBytes => (long)_slabs.Count * SlabBytes;

    /// <summary>Adds whole samples.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int at = (int)(_endByte % SlabBytes);
            if (at == 0)
            {
                _slabs.Add(GC.AllocateUninitializedArray<byte>(SlabBytes));
            }

            int count = Math.Min(bytes.Length, SlabBytes - at);
            bytes[..count].CopyTo(_slabs[^1].AsSpan(at));
            bytes = bytes[count..];
            _endByte += count;
        }
    }

    /// <summary>Samples from a place on, as far as they stand together.</summary>
    /// <param name="sample">A sample that is still there.</param>
    /// <param name="most">Samples at the most.</param>
    public ReadOnlyMemory<byte> Read(long sample, long most)
    {
        Debug.Assert(sample >= FirstKept && sample <= Samples, "Speech is read where it is kept.");
        long from = sample * sizeof(short);
        int at = (int)(from % SlabBytes);
        long count = Math.Min(Math.Min(most, Samples - sample) * sizeof(short), SlabBytes - at);
        return count <= 0 ? default : _slabs[(int)(from / SlabBytes) - _dropped].AsMemory(at, (int)count);
    }

    /// <summary>Whether two runs of samples are the same, as far as both are there.</summary>
    public bool AreSame(long first, long second, long count)
    {
        if (Math.Min(first, second) < FirstKept || Math.Max(first, second) + count > Samples)
        {
            return false;
        }

        while (count > 0)
        {
            var one = Read(first, count);
            var other = Read(second, one.Length / sizeof(short));
            if (!one.Span[..other.Length].SequenceEqual(other.Span))
            {
                return false;
            }

            int samples = other.Length / sizeof(short);
            (first, second, count) = (first + samples, second + samples, count - samples);
        }

        return true;
    }

    /// <summary>Lets go of what stands before a sample.</summary>
    public void TrimBefore(long sample)
    {
        int whole = (int)(Math.Min(sample, Samples) * sizeof(short) / SlabBytes) - _dropped;
        if (whole > 0)
        {
            whole = Math.Min(whole, _slabs.Count);
            _slabs.RemoveRange(0, whole);
            _dropped += whole;
        }
    }

    /// <summary>Lets go of everything; the count of samples stays.</summary>
    public void Clear()
    {
        _dropped += _slabs.Count;
        _slabs.Clear();
    }
}
