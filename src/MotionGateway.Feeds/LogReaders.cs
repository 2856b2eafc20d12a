using System.Runtime.InteropServices;
using MotionGateway.V1;

namespace MotionGateway.Feeds;

/// <summary>The readers of one log: how many there may be, and whom an append wakes. Guarded by the log's lock.</summary>
/// <param name="max">Readers that count at one time.</param>
internal sealed class LogReaders(int max)
{
    private readonly HashSet<LogReader> _readers = [];
    private readonly Dictionary<IReaderWake, int> _wakes = new(ReferenceEqualityComparer.Instance);
    private int _counted;

    public int Count => _readers.Count;

    /// <summary>Takes a reader in.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="replaced">An older one whose place it takes: that one counts no longer.</param>
    /// <exception cref="GatewayException">There are too many. The replaced one then keeps its place.</exception>
    public void Add(LogReader reader, LogReader? replaced)
    {
        int counted = _counted - (replaced is { CountsAgainstLimit: true } && _readers.Contains(replaced) ? 1 : 0);
        if (reader.CountsAgainstLimit && counted >= max)
        {
            throw new GatewayException(
                ErrorReason.ReaderLimit, $"The session has {counted} readers, which is as many as it may have.");
        }

        _counted = counted + (reader.CountsAgainstLimit ? 1 : 0);
        if (replaced is not null)
        {
            replaced.CountsAgainstLimit = false;
        }

        _readers.Add(reader);
        CollectionsMarshal.GetValueRefOrAddDefault(_wakes, reader.Wake, out _)++;
    }

    /// <summary>Lets a reader go, if it is there.</summary>
    public void Remove(LogReader reader)
    {
        if (!_readers.Remove(reader))
        {
            return;
        }

        _counted -= reader.CountsAgainstLimit ? 1 : 0;
        if (--CollectionsMarshal.GetValueRefOrAddDefault(_wakes, reader.Wake, out _) == 0)
        {
            _wakes.Remove(reader.Wake);
        }
    }

    /// <summary>There may be something to read.</summary>
    public void Wake()
    {
        foreach (var wake in _wakes.Keys)
        {
            wake.Set();
        }
    }
}
