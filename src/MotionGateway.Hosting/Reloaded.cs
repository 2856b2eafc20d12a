using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace MotionGateway.Hosting;

/// <summary>
/// What is read from files, and read again when one of them changes. Files are looked at by their content, at an interval:
/// a file that is replaced by a link, as secrets of a container are, is seen too. Files that cannot be used change nothing, and are
/// told once.
/// </summary>
/// <typeparam name="T">What is made of them.</typeparam>
public sealed class Reloaded<T> : IDisposable
    where T : class
{
    /// <summary>How often files are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly IReadOnlyList<string> _files;
    private readonly Func<T> _load;
    private readonly ILogger _logger;
    private readonly ITimer _timer;

    // Guards what was seen: a look that takes long is not overtaken by the next one.
    private readonly Lock _looking = new();
    private byte[] _seen;
    private T _current;

    /// <summary>Reads them for the first time.</summary>
    /// <param name="name">What people call it, such as a setting's path.</param>
    /// <param name="files">The files.</param>
    /// <param name="load">Reads and checks them. It throws when they cannot be used: its message tells why, and no secret.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Is told of each change.</param>
    /// <exception cref="Exception">What <paramref name="load"/> throws.</exception>
    public Reloaded(string name, IReadOnlyList<string> files, Func<T> load, TimeProvider timeProvider, ILogger logger)
    {
        _name = name;
        _files = files;
        _load = load;
        _logger = logger;
        _seen = Look();
        _current = load();
        _timer = timeProvider.CreateTimer(static reloaded => ((Reloaded<T>)reloaded!).Refresh(), this, Interval, Interval);
    }

    /// <summary>Is raised after a change, with what is now in force. A handler must not throw.</summary>
    public event Action<T>? Changed;

    /// <summary>What is in force.</summary>
    public T Current => Volatile.Read(ref _current);

    /// <summary>Looks now; what has changed is in force when this returns.</summary>
    public void Refresh()
    {
        lock (_looking)
        {
            byte[] seen = Look();
            if (!seen.AsSpan().SequenceEqual(_seen))
            {
                _seen = seen;
                ReadAgain();
            }
        }
    }

    /// <summary>Looks at the files no more.</summary>
    public void Dispose() => _timer.Dispose();

    private void ReadAgain()
    {
        T read;
        try
        {
            read = _load();
        }
        catch (Exception failure)
        {
            // Whatever is wrong with the files: the service goes on with what it has.
            ReloadedLog.Unusable(_logger, _name, failure.Message);
            ReloadedMetrics.Count(_name, isUsable: false);
            return;
        }

        Volatile.Write(ref _current, read);
        ReloadedLog.ReadAgain(_logger, _name, _files);
        ReloadedMetrics.Count(_name, isUsable: true);
        Changed?.Invoke(read);
    }

    // Of all files together: a certificate and its key are one thing.
    private byte[] Look()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in _files)
        {
            hash.AppendData([0]);
            try
            {
                // Most that are looked at for ever are not there, and each exception costs more than all looks.
                hash.AppendData(File.Exists(file) ? File.ReadAllBytes(file) : [1]);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                hash.AppendData([1]);
            }
        }

        return hash.GetHashAndReset();
    }
}
