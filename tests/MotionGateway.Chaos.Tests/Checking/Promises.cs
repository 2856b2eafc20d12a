using System.Collections.Concurrent;

namespace MotionGateway.Chaos.Tests.Checking;

/// <summary>What was promised and not kept. Thread-safe.</summary>
internal sealed class Promises
{
    private const int MostTold = 40;

    private readonly ConcurrentQueue<string> _broken = new();

    public bool AreKept => _broken.IsEmpty;

    /// <summary>A promise was broken.</summary>
    /// <param name="who">Session, turn or reader.</param>
    /// <param name="what">What was found.</param>
    public void Break(string who, string what)
    {
        if (_broken.Count < MostTold)
        {
            _broken.Enqueue($"{who}: {what}");
        }
    }

    /// <summary>Breaks a promise unless something holds.</summary>
    public void Require(bool holds, string who, Func<string> what)
    {
        if (!holds)
        {
            Break(who, what());
        }
    }

    public override string ToString() => string.Join(Environment.NewLine, _broken);
}
