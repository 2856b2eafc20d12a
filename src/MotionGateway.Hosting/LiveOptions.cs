using Microsoft.Extensions.Options;

namespace MotionGateway.Hosting;

/// <summary>Settings that can be replaced while the service runs. Whoever reads <see cref="CurrentValue"/> has those in force; none of them changes.</summary>
/// <typeparam name="T">The settings.</typeparam>
/// <param name="options">Those that the service starts with.</param>
public sealed class LiveOptions<T>(T options) : IOptionsMonitor<T>
    where T : class
{
    // Held while listeners are told: they see one change after the other.
    private readonly Lock _replacing = new();
    private T _current = options;

    private event Action<T, string?>? Replaced;

    /// <inheritdoc/>
    public T CurrentValue => Volatile.Read(ref _current);

    /// <summary>Puts settings in force that have been checked.</summary>
    public void Replace(T options)
    {
        lock (_replacing)
        {
            Volatile.Write(ref _current, options);
            Replaced?.Invoke(options, Options.DefaultName);
        }
    }

    /// <inheritdoc/>
    public T Get(string? name) => CurrentValue;

    /// <summary>Tells somebody of each change, until the result is disposed. It must not throw.</summary>
    /// <param name="listener">Gets the settings that are in force.</param>
    public IDisposable OnChange(Action<T, string?> listener)
    {
        Replaced += listener;
        return new Subscription(this, listener);
    }

    private sealed class Subscription(LiveOptions<T> options, Action<T, string?> listener) : IDisposable
    {
        public void Dispose() => options.Replaced -= listener;
    }
}
