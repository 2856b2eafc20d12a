namespace MotionGateway.Feeds;

/// <summary>
/// Lets loops that are woken within it go on at its end, on the thread that woke them: what one event brings about is done in one go,
/// and no other thread has to be woken for it. To be opened where no lock is held, and around what takes one.
/// </summary>
/// <remarks>
/// A loop goes on here until it waits, which it does soon: it never blocks. Within another scope, and while loops go on at the end of one,
/// a scope does nothing: what is woken then comes after what was woken before.
/// </remarks>
public readonly ref struct WakeScope : IDisposable
{
    // Then others have their turn: loops that keep waking each other must not hold whoever opened the scope.
    private const int Most = 32;

    [ThreadStatic]
    private static List<AsyncSignal>? _woken;

    [ThreadStatic]
    private static bool _isOpen;

    private readonly bool _isOutermost;

    private WakeScope(bool isOutermost) => _isOutermost = isOutermost;

    /// <summary>Opens a scope, to be disposed of on the same thread.</summary>
    public static WakeScope Open()
    {
        bool isOutermost = !_isOpen;
        _isOpen = true;
        return new WakeScope(isOutermost);
    }

    /// <summary>Lets the loops go on that were woken within the outermost scope.</summary>
    public void Dispose()
    {
        if (!_isOutermost)
        {
            return;
        }

        // It grows meanwhile.
        for (int i = 0; i < _woken?.Count; i++)
        {
            _woken[i].GoOn(isHere: i < Most);
        }

        _woken?.Clear();
        _isOpen = false;
    }

    /// <summary>Keeps a loop that was woken for the end of the scope.</summary>
    /// <returns>False where no scope is open.</returns>
    internal static bool TryDefer(AsyncSignal woken)
    {
        if (_isOpen)
        {
            (_woken ??= []).Add(woken);
        }

        return _isOpen;
    }
}
